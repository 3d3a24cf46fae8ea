/** The call's voice, where the browser has one. The same words always stand on the screen too. */
export const speech = {
  say(text: string, locale: string): void {
    if (!("speechSynthesis" in globalThis)) return;
    speechSynthesis.cancel();
    const spoken = new SpeechSynthesisUtterance(text);
    spoken.lang = locale === "ko" ? "ko-KR" : "en-US";
    speechSynthesis.speak(spoken);
  },
  stop(): void {
    if ("speechSynthesis" in globalThis) speechSynthesis.cancel();
  },
};
