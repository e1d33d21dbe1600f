// A model as anywidget gives it, with what was sent kept for the test.
import type { Intent, Model } from "../src/lib/types";

export class FakeModel implements Model {
  sent: Intent[] = [];
  private readonly listeners = new Map<string, Set<() => void>>();

  constructor(private readonly state: Record<string, unknown>) {}

  get(name: string): unknown {
    return this.state[name];
  }

  set(name: string, value: unknown): void {
    this.state[name] = value;
    this.trigger(`change:${name}`);
  }

  trigger(event: string): void {
    for (const react of [...(this.listeners.get(event) ?? [])]) react();
  }

  on(event: string, react: () => void): void {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(react));
  }

  off(event: string, react: () => void): void {
    this.listeners.get(event)?.delete(react);
  }

  send(content: Intent): void {
    this.sent.push(content);
  }

  get listening(): number {
    return [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }
}
