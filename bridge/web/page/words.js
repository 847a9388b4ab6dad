/** Every word of the page in the languages that it speaks, and what puts them in place. */

const EN = {
  title: "Companion",
  conversation: "Conversation",
  instruments: "Instruments",
  close: "Close",
  dismiss: "Dismiss",
  say: "Say something …",
  send: "Send",
  stop: "Stop the reply (Escape)",
  hold: "Hold to talk (space bar)",
  listen: "Open microphone",
  listening_on: "Microphone on",
  keys: "Hold space to talk · Escape stops · Enter sends",
  keys_typing: "Enter sends · Escape stops",
  you: "You",
  face_of: "The face of {name}",
  state_connecting: "connecting …",
  state_idle: "is here",
  state_listening: "is listening",
  state_thinking: "is thinking",
  state_speaking: "is speaking",
  state_overlap: "hears you",
  state_lost: "connection lost, coming back …",
  state_over: "has left",
  state_away: "not connected",
  token: "Access token",
  token_title: "Who are you?",
  token_text: "This server asks for an access token. Whoever runs it makes one with the command “companion token”. It stays in this tab.",
  connect: "Connect",
  again: "Try again",
  hear: "Click to hear",
  cut: "cut off",
  wait: "The page tries again in {seconds} s.",
};

const ZH = {
  title: "伴侣",
  conversation: "对话",
  instruments: "仪表",
  close: "关闭",
  dismiss: "知道了",
  say: "说点什么……",
  send: "发送",
  stop: "停止回答（Esc）",
  hold: "按住说话（空格键）",
  listen: "打开麦克风",
  listening_on: "麦克风已开",
  keys: "按住空格说话 · Esc 停止 · 回车发送",
  keys_typing: "回车发送 · Esc 停止",
  you: "你",
  face_of: "{name}的脸",
  state_connecting: "正在连接……",
  state_idle: "在这里",
  state_listening: "正在听",
  state_thinking: "正在想",
  state_speaking: "正在说",
  state_overlap: "听见你了",
  state_lost: "连接中断，正在恢复……",
  state_over: "已离开",
  state_away: "未连接",
  token: "访问令牌",
  token_title: "你是谁？",
  token_text: "此服务器需要访问令牌。服务器的主人可以用命令“companion token”生成。令牌只保存在此标签页中。",
  connect: "连接",
  again: "重试",
  hear: "点击收听",
  cut: "被打断",
  wait: "页面将在 {seconds} 秒后重试。",
};

/** The page's language: `en`, or `zh` where the browser prefers it. */
export const language = (navigator.languages ?? [navigator.language]).find((tag) => /^(en|zh)\b/i.test(tag))?.slice(0, 2).toLowerCase() ?? "en";

const WORDS = language === "zh" ? ZH : EN;

/** The words called `key`, with `{name}` filled in from `values`. */
export function t(key, values = {}) {
  return (WORDS[key] ?? EN[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Put the words where `data-t`, `data-t-label` and `data-t-placeholder` ask for them. */
export function place(root = document) {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  document.title = t("title");
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) {
    node.setAttribute("aria-label", t(node.dataset.tLabel));
    node.title = t(node.dataset.tLabel);
  }
  for (const node of root.querySelectorAll("[data-t-placeholder]")) node.placeholder = t(node.dataset.tPlaceholder);
}
