/** A number of the environment, with which a short test becomes a long one. @throws Error for what is no number. */
export function setting(name: string, byDefault: number): number {
  const text = process.env[name];
  if (text === undefined) return byDefault;
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`${name} must be a number from 0, not ${text}`);
}
