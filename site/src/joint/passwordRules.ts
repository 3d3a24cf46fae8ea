export type PasswordRule = "length" | "letter" | "digit" | "sign" | "allowed";

const LENGTH_MIN = 10;
const LENGTH_MAX = 56;

/** The rules for a joint certificate's password since 2014, each by itself, so that a screen can say which is kept. */
export const passwordRules: readonly {
  readonly name: PasswordRule;
  readonly kept: (password: string) => boolean;
}[] = [
  { name: "length", kept: (one) => one.length >= LENGTH_MIN && one.length <= LENGTH_MAX },
  { name: "letter", kept: (one) => /[A-Za-z]/.test(one) },
  { name: "digit", kept: (one) => /[0-9]/.test(one) },
  { name: "sign", kept: (one) => /[^A-Za-z0-9]/.test(one) },
  { name: "allowed", kept: (one) => one !== "" && /^[!-~]*$/.test(one) && !/['"\\|]/.test(one) },
];
