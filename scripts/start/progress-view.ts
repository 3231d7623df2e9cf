/** Shows how a job goes. */
export interface ProgressView {
  line(text: string): void;
  /** On a terminal one line, written anew each time; elsewhere a line for every ten percent. */
  percentage(percentage: number, remainingSeconds?: number): void;
}

interface Output {
  isTTY?: boolean;
  write(text: string): unknown;
}

const indent = "  ";
const clearLine = "\r\u001b[2K";

export function createProgressView(output: Output): ProgressView {
  /** Whether the last line has no end yet. */
  let isOpen = false;
  let tenths = 0;
  return {
    line: (text) => {
      output.write(`${isOpen ? "\n" : ""}${indent}${text}\n`);
      isOpen = false;
    },
    percentage: (percentage, remainingSeconds) => {
      const text = indent + describe(percentage, remainingSeconds);
      if (output.isTTY) {
        output.write((isOpen ? clearLine : "") + text);
        isOpen = true;
      } else if (Math.floor(percentage / 10) > tenths) {
        tenths = Math.floor(percentage / 10);
        output.write(`${text}\n`);
      }
    },
  };
}

function describe(percentage: number, remainingSeconds: number | undefined): string {
  const left = remainingSeconds ? `, about ${durationOf(remainingSeconds)} left` : "";
  return `${percentage.toFixed(1).padStart(5)} %${left}`;
}

function durationOf(seconds: number): string {
  const whole = Math.round(seconds);
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
