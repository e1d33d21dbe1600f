// Figures as people read them: the rules of ipyfootprint/units.py, in the reader's locale.
import type { Bounds, Words } from "./types";
import { say } from "./words";

type Scale = [factor: number, unit: string][];

export const ENERGY: Scale = [[3.6e9, "MWh"], [3.6e6, "kWh"], [3600, "Wh"], [1, "J"], [1e-3, "mJ"]];
export const CARBON: Scale = [[1e6, "t"], [1e3, "kg"], [1, "g"], [1e-3, "mg"]];

/** A finished text with its numbers written as the locale does. */
export function localised(text: string, locale?: string): string {
  return text.replace(/(\d+)(?:\.(\d+))?/g, (number: string, whole: string, decimals = "") =>
    // Digits in front are kept: the 05 of "2 h 05 min" is no 5.
    formatter(locale, whole.length, decimals.length).format(Number(number)),
  );
}

/** A figure with its bounds: "21 Wh (20-22)"; with `least` digits at least, as sums have. */
export function amount([mid, low, high]: Bounds, scale: Scale, suffix = "", least = 1): string {
  const n = Math.max(least, digits(mid, low, high));
  const [factor, unit] = unitOf(Math.abs(Number(mid.toPrecision(n))), scale);
  const text = `${rounded(mid / factor, n)} ${unit}${suffix}`;
  if (low === high) return text;
  return `${text} (${rounded(low / factor, n)}-${rounded(high / factor, n)})`;
}

/** Seconds as "85 ms", "12.3 s", "3 min 20 s", "2 h 05 min". */
export function duration(seconds: number, words: Words): string {
  if (seconds < 0.9995) return say(words, "time_ms", { value: short(seconds * 1e3) });
  if (seconds < 59.95) return say(words, "time_s", { value: short(seconds) });
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  if (whole < 3600) return say(words, "time_min", { minutes: Math.floor(whole / 60), seconds: two(whole % 60) });
  return say(words, "time_h", { hours: Math.floor(whole / 3600), minutes: two(Math.floor((whole % 3600) / 60)) });
}

/** Whole elapsed time for a line that ticks: tenths below ten seconds, then seconds. */
export function elapsed(seconds: number, words: Words): string {
  if (seconds < 10) return say(words, "time_s", { value: Math.max(0, seconds).toFixed(1) });
  return duration(seconds < 60 ? Math.floor(seconds) : seconds, words);
}

/** Significant digits (1 to 3) that the bounds bear out. */
export function digits(value: number, low: number, high: number): number {
  const half = (high - low) / 2;
  if (half <= 0) return 3;
  if (value <= 0) return 1;
  const order = Math.floor(Math.log10(value)) - Math.floor(Math.log10(half)) + 1;
  return Math.max(1, Math.min(3, order));
}

function unitOf(value: number, scale: Scale): [number, string] {
  const last = scale[scale.length - 1] as [number, string];
  const base = scale.find(([factor]) => factor === 1) ?? last;
  return scale.find(([factor]) => value >= factor) ?? (value > 0 ? last : base);
}

function rounded(value: number, n: number): string {
  if (value === 0) return "0";
  const place = n - 1 - Math.floor(Math.log10(Math.abs(value)));
  if (place >= 0) return value.toFixed(place);
  const step = 10 ** -place;
  return String(Math.round(value / step) * step);
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

const formatters = new Map<string, Intl.NumberFormat>();

function formatter(locale: string | undefined, whole: number, places: number): Intl.NumberFormat {
  const key = `${locale} ${whole} ${places}`;
  let made = formatters.get(key);
  if (!made) {
    made = new Intl.NumberFormat(locale, {
      minimumIntegerDigits: Math.min(whole, 21),
      minimumFractionDigits: Math.min(places, 20),
      useGrouping: whole > 4,
    });
    formatters.set(key, made);
  }
  return made;
}
