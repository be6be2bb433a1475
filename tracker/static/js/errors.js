// After a refused form the summary of errors gets the focus, and its links go into the fields.

export function focusErrorSummary(root = document) {
  const summary = root.querySelector(".error-summary");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    const words = field.closest(".field") ?? field;
    words.scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
  });
}
