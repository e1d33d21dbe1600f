// The phrases that Python sends: the browser has none of its own.
import type { Words } from "./types";

/** The phrase of that name with its gaps filled in. */
export function say(words: Words, key: string, values: Record<string, string | number> = {}): string {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (gap, name: string) => String(values[name] ?? gap));
}
