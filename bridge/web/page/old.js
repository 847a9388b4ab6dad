/* For browsers without ES modules: the one sentence that they can still show. */
document.body.className = "old";
document.getElementById("name").textContent =
  "This browser is too old for this page. Please use a current Chrome, Edge, Firefox or Safari. 浏览器版本过旧，请使用新版浏览器。";
