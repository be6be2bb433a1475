// A field into which a scanner types keeps the cursor, and what stands in it is marked: the next code takes its place.

export function keepScanning() {
  const field = document.querySelector("[data-scan]");
  if (!field) return;
  field.focus();
  field.select();
}
