const ZONE = "Asia/Seoul";
const SEOUL_OFFSET_MINUTES = -540;

const shapes = {
  full: { dateStyle: "medium", timeStyle: "short" },
  date: { dateStyle: "medium" },
  time: { timeStyle: "medium" },
} as const;

const shown =
  (shape: keyof typeof shapes) =>
  (at: number, lang: string): string =>
    new Intl.DateTimeFormat(lang, { ...shapes[shape], timeZone: ZONE }).format(at / 1000);

/** The same with the name of the zone, for whoever's own clock shows another time just then. */
const named = (shape: keyof typeof shapes): ReturnType<typeof shown> => {
  const plain = shown(shape);
  return (at, lang) => {
    const here = new Date(at / 1000).getTimezoneOffset() === SEOUL_OFFSET_MINUTES;
    return here ? plain(at, lang) : `${plain(at, lang)} ${lang === "ko" ? "(한국 시각)" : "KST"}`;
  };
};

/** Instants in microseconds, told as the bank's customers read them: Seoul time. */
export const moment = {
  full: named("full"),
  date: shown("date"),
  time: named("time"),

  /** 125 -> "2:05". */
  countdown(seconds: number): string {
    const whole = Math.max(0, Math.ceil(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  },
};
