/** Terms as the bank writes them: paragraphs, **emphasis**, lines that begin with "- ". */
export function Prose({ text }: { readonly text: string }) {
  return (
    <div class="prose">
      {text.split(/\n{2,}/).map((paragraph, n) => (
        <p key={n}>{emphasised(paragraph)}</p>
      ))}
    </div>
  );
}

/** Every second part between the stars is the emphasised one. */
function emphasised(paragraph: string) {
  return paragraph
    .split("**")
    .map((part, n) => (n % 2 === 1 ? <strong key={n}>{part}</strong> : part));
}
