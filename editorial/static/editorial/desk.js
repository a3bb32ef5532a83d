// The desk works without this. With it: errors get the focus, selected words fill in a quote, answers are kept as they are given,
// and typed words are not lost by leaving.
"use strict";
{
  const problems = document.querySelector("[data-focus]");
  if (problems) problems.focus();

  // ---- Selected words of a passage go into the quote of its comment form

  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.anchorNode) return;
    const node = selection.anchorNode.nodeType === Node.TEXT_NODE ? selection.anchorNode.parentElement : selection.anchorNode;
    const passage = node.closest("[data-passage]");
    if (!passage || !passage.contains(selection.focusNode)) return;
    const quote = passage.closest("[data-piece]").querySelector("[data-quote]");
    if (quote && quote.dataset.typed !== "yes") quote.value = wordsOf(selection.getRangeAt(0));
  });

  // The words alone: numbers of citations and hidden words are none of the text.
  function wordsOf(range) {
    const part = range.cloneContents();
    part.querySelectorAll(".cite, .vh, .cite-flag").forEach((mark) => mark.remove());
    return part.textContent.replace(/\s+/g, " ").trim().slice(0, 2000);
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-quote]")) event.target.dataset.typed = event.target.value ? "yes" : "";
  });

  // ---- Answers about references are kept as they are given

  const form = document.getElementById("review-form");
  const count = document.querySelector("[data-answered]");
  if (form && form.dataset.answers && count) {
    document.addEventListener("change", async (event) => {
      if (!event.target.name || !event.target.name.startsWith("answer-")) return;
      const sent = new FormData();
      sent.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      sent.set(event.target.name, event.target.value);
      try {
        const answer = await fetch(form.dataset.answers, { method: "POST", body: sent, headers: { Accept: "application/json" }, credentials: "same-origin" });
        if (!answer.ok) return;
        const found = await answer.json();
        count.textContent = found.answered;
      } catch {
        // It stays on the screen, and "Save answers" sends it again.
      }
    });
  }

  // ---- The button says how many are chosen

  const button = document.querySelector("[data-count]");
  if (button) {
    const boxes = [...document.querySelectorAll(`input[name="${button.dataset.count}"][type="checkbox"]`)];
    const words = button.textContent;
    const say = () => {
      const number = boxes.filter((box) => box.checked).length;
      button.textContent = number === 0 ? words : number === 1 ? button.dataset.one : button.dataset.many.replace("{}", number);
    };
    boxes.forEach((box) => box.addEventListener("change", say));
    say();
  }

  // ---- Typed words are not lost by leaving

  let isDirty = false;
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea")) isDirty = true;
  });
  document.addEventListener("submit", () => { isDirty = false; });
  window.addEventListener("beforeunload", (event) => {
    if (isDirty) event.preventDefault();
  });
}
