/** `1,234`. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 frame`, `2 frames`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** `02:05`, `1:00:00`. */
export function clockTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const minutes = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole < 3600 ? minutes : `${Math.floor(whole / 3600)}:${minutes}`;
}

export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** To three decimals, without zeros at the end. */
export function decimal(value: number): string {
  return String(Number(value.toFixed(3)));
}

export function kilobits(kbps: number): string {
  return `${count(Math.round(kbps))} kb/s`;
}
