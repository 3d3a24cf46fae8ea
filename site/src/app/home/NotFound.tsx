import { Link } from "../parts/Link.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useWords } from "../state/words.ts";

export function NotFound() {
  const words = useWords();
  return (
    <Screen
      name="not-found"
      title={words.notFound.title}
      lead={words.notFound.lead}
      foot={
        <Link to="/" class="button" testid="home">
          {words.home}
        </Link>
      }
    />
  );
}
