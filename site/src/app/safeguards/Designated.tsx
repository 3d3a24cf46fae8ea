import { won } from "../../kit/won.ts";
import { Link } from "../parts/Link.tsx";
import { useWords } from "../state/words.ts";
import type { Safeguards } from "../wire.ts";
import { Switch } from "./Switch.tsx";

/** Designated payees: on or off, and the way to the list. */
export function Designated({ of }: { readonly of: Safeguards }) {
  const words = useWords();
  const { guard } = words;
  const { rules } = of;
  return (
    <Switch
      name="designated_only"
      of={of}
      at="/safeguards/designated"
      title={guard.designated}
      lead={guard.designatedLead(words.won(won.digits(rules.unregistered_per_day)))}
      hint={guard.waits(rules.designated_off_hours)}
      foot={
        <Link to="/safeguards/payees" class="button second" testid="payees">
          {guard.payees}
        </Link>
      }
    />
  );
}
