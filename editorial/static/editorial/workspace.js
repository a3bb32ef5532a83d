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
    show();
  });
  document.addEventListener("submit", () => { isLeaving = true; });
  window.addEventListener("pageshow", () => { isLeaving = false; });
  window.addEventListener("beforeunload", (event) => { if (isUnsaved && !isLeaving) event.preventDefault(); });
  show();
})();
