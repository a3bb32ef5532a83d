/* What every page of the workspace shares: focus goes to what went wrong, and the browser warns before typed text is left. */
(() => {
  "use strict";
  const wrong = document.querySelector("[data-focus]");
  if (wrong) wrong.focus();

  const form = document.querySelector("#editor, [data-guard]");
  if (!form) return;
  const words = document.querySelector("[data-unsaved-words]");
  let isUnsaved = form.hasAttribute("data-unsaved");
  let isLeaving = false;

  const show = () => { if (words) words.hidden = !isUnsaved; };
  form.addEventListener("input", (event) => {
    if (event.target.type === "search") return;
    isUnsaved = true;
    isLeaving = false;
    show();
  });
  /* Only the form's own buttons take the text along, each of them once: after a download the page is still here. */
  document.addEventListener("submit", (event) => { if (event.target === form) isLeaving = true; });
  window.addEventListener("pageshow", () => { isLeaving = false; });
  window.addEventListener("beforeunload", (event) => {
    if (isUnsaved && !isLeaving) event.preventDefault();
    isLeaving = false;
  });
  show();
})();
