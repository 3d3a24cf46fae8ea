import { useState } from "preact/hooks";

export type Code = {
  readonly digits: number;
  readonly text: string;
  /** Asked for while it was too short. */
  readonly short: boolean;
  readonly type: (text: string) => void;
  /** Whether all digits are there; from then on the field says so where they are not. */
  readonly whole: () => boolean;
  readonly clear: () => void;
};

/** The code of a message as it is being typed. */
export function useCode(digits: number): Code {
  const [text, type] = useState("");
  const [asked, setAsked] = useState(false);
  return {
    digits,
    text,
    short: asked && text.length !== digits,
    type,
    whole() {
      setAsked(true);
      return text.length === digits;
    },
    clear() {
      type("");
      setAsked(false);
    },
  };
}
