type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
type From<E extends EventTarget> = Pick<Event, "preventDefault"> & { readonly currentTarget: E };

/** What screens ask of a browser event, without casts. */
export const events = {
  /** The words in the field the event came from. */
  value: (event: From<Field>): string => event.currentTarget.value,

  /** The digits in the field, at most `length`; full-width digits of a Korean keyboard count. */
  digits: (event: From<Field>, length: number): string =>
    event.currentTarget.value
      .normalize("NFKC")
      .replace(/[^0-9]/g, "")
      .slice(0, length),

  checked: (event: From<HTMLInputElement>): boolean => event.currentTarget.checked,

  /** A form's submit handler: the page stays, the work is done. */
  submit:
    (work: () => void) =>
    (event: Pick<Event, "preventDefault">): void => {
      event.preventDefault();
      work();
    },
};
