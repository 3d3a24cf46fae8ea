import { settings } from "../app/state/settings.ts";
import { useCell } from "../app/state/cell.ts";
import type { BankInfo } from "../app/wire.ts";
import { moment } from "../words/moment.ts";
import type { Deposit } from "./bank.ts";
import { useHandsetWords } from "./useHandsetWords.ts";

const SHOWN_MAX = 3;

type Of = { readonly deposits: readonly Deposit[]; readonly info: BankInfo | null };

/** What the apps of this person's other banks show: one won, and its sender's name. */
export function Deposits({ deposits, info }: Of) {
  const words = useHandsetWords();
  const { locale } = useCell(settings.cell);
  if (deposits.length === 0) return null;
  return (
    <section class="inbox">
      <h2>{words.deposits}</h2>
      <ul class="messages" data-testid="deposits">
        {deposits.slice(0, SHOWN_MAX).map(({ at, bank, amount, sender }) => (
          <li class="message" key={at} data-testid="deposit">
            <p class="message-head">
              <strong>{info?.banks.find(({ code }) => code === bank)?.name[locale] ?? bank}</strong>
              <span>{moment.full(at, locale)}</span>
            </p>
            <p data-testid="deposit-text">{words.deposit(amount, sender)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
