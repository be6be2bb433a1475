// A second press of the same button sends nothing: the first one is already on its way.
// The server has its own guard (the submission token); this spares people the wait and the doubt.
// A form that may be sent again without leaving the page (a download) carries data-repeatable.

const FREE_AGAIN_AFTER_MS = 10_000;

function buttonsOf(form) {
  return [...form.elements].filter((element) => element.type === "submit");
}

function mark(form, sent) {
  if (sent) form.dataset.sent = "yes";
  else delete form.dataset.sent;
  for (const button of buttonsOf(form)) {
    if (sent) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

export function sendFormsOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post" || "repeatable" in form.dataset) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    mark(form, true);
    setTimeout(() => mark(form, false), FREE_AGAIN_AFTER_MS);
  });
  // Coming back with the back button shows the page as it was left: let its forms be sent again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) mark(form, false);
  });
}
