// The desk works without this. With it: errors get the focus, selected words fill in a quote, answers are kept as they are given,
// and typed words are not lost by leaving.
"use strict";
{
  const problems = document.querySelector("[data-focus]");
  if (problems) problems.focus();

  // ---- Selected words of a passage go into its comment form: the words, and a little of what stands around them

  const PASSAGE = "p[id], li[id], tr[id], pre[id], h2[id], h3[id], h4[id], h5[id], h6[id]";
  const AROUND = 80;
  const onSelection = document.querySelector("[data-comment-selection]");
  let chosen = null;

  document.addEventListener("selectionchange", () => {
    const found = selected();
    if (!found) return;
    const form = found.passage.closest("[data-piece]").querySelector("form");
    const quote = form && form.querySelector("[data-quote]");
    chosen = form;
    if (onSelection && form) {
      onSelection.textContent = onSelection.dataset.commentSelection.replace("{}", found.quote.length > 30 ? `${found.quote.slice(0, 30).trim()}…` : found.quote);
      onSelection.hidden = false; // it stays: on the way to it by keyboard the selection may go
    }
    if (!quote || quote.dataset.typed === "yes") return;
    quote.value = found.quote;
    form.querySelector("[data-before]").value = found.before;
    form.querySelector("[data-after]").value = found.after;
    if (form.elements.block) form.elements.block.value = found.passage.id;
  });

  // What is selected in one passage; of a selection over several, what stands in the first of them.
  function selected() {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0).cloneRange();
    const start = range.startContainer.nodeType === Node.TEXT_NODE ? range.startContainer.parentElement : range.startContainer;
    const passage = start.closest(PASSAGE);
    if (!passage || !passage.closest("[data-passage]")) return null;
    if (!passage.contains(range.endContainer)) range.setEnd(passage, passage.childNodes.length);
    const quote = wordsOf(range).slice(0, 2000);
    if (!quote) return null;
    const before = document.createRange();
    before.setStart(passage, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const after = document.createRange();
    after.setStart(range.endContainer, range.endOffset);
    after.setEnd(passage, passage.childNodes.length);
    return { passage, quote, before: wordsOf(before).slice(-AROUND), after: wordsOf(after).slice(0, AROUND) };
  }

  // The words alone, as the server reads them: numbers of citations and passages inside this one are none of it.
  function wordsOf(range) {
    const part = range.cloneContents();
    part.querySelectorAll(`.cite, .vh, .cite-flag, ${PASSAGE}`).forEach((mark) => mark.remove());
    part.querySelectorAll("br, td, th").forEach((gap) => gap.before(" "));
    part.querySelectorAll("sup").forEach((raised) => {
      if (/\d$/.test(raised.previousSibling ? raised.previousSibling.textContent : "")) raised.before("^");
    });
    return part.textContent.replace(/\s+/g, " ").trim();
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-quote]")) event.target.dataset.typed = event.target.value ? "yes" : "";
  });

  if (onSelection) {
    onSelection.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
    onSelection.addEventListener("click", () => {
      if (!chosen) return;
      chosen.closest("details").open = true;
      chosen.querySelector("textarea[name=text]").focus();
      onSelection.hidden = true;
    });
  }

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
