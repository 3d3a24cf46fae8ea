const ZONE = "Asia/Seoul";

const shapes = {
  full: { dateStyle: "medium", timeStyle: "short" },
  date: { dateStyle: "medium" },
  time: { timeStyle: "medium" },
} as const;

const shown =
  (shape: keyof typeof shapes) =>
  (at: number, lang: string): string =>
    new Intl.DateTimeFormat(lang, { ...shapes[shape], timeZone: ZONE }).format(at / 1000);

/** Instants in microseconds, told as the bank's customers read them: Seoul time. */
export const moment = {
  full: shown("full"),
  date: shown("date"),
  time: shown("time"),

  /** 125 -> "2:05". */
  countdown(seconds: number): string {
    const whole = Math.max(0, Math.ceil(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  },
};
