/** What went wrong, in a sentence for people: by the codes of the protocol, of the client and of the browser. */

import { language } from "./words.js";

const EN = {
  old_browser: ["This browser is too old.", "The page needs AudioWorklet: use a current Chrome, Edge, Firefox or Safari."],
  NotFoundError: ["No microphone found.", "Connect one, or type instead."],
  NotAllowedError: ["The microphone is not allowed.", "Allow it with the icon in the address bar, then try again. Typing works without it."],
  NotReadableError: ["The microphone is busy.", "Another program holds it. Close that one, or type instead."],
  NotSupportedError: ["No microphone on this address.", "Browsers give it only to https pages and to localhost. Typing works."],
  camera_denied: ["The camera is not allowed.", "Allow it with the icon in the address bar, then try again. The conversation goes on without it."],
  camera_missing: ["No camera found.", "Connect one. The conversation goes on without it."],
  camera_busy: ["The camera is busy.", "Another program holds it. The conversation goes on without it."],
  bad_camera: ["The picture could not be read.", "The camera goes on, and so does the conversation."],
  sight_failed: ["The companion does not see at the moment.", "The conversation goes on without."],
  microphone_lost: ["The microphone is gone.", "It was unplugged or taken back."],
  microphone_muted: ["Your microphone is muted.", "It delivers complete silence: look for a switch on it or in the system."],
  no_ears: ["This companion cannot hear.", "The server runs without a recogniser. Type instead."],
  no_sound: ["No sound here.", "The browser gave the page no loudspeaker."],
  no_3d: ["3D heads need an extra.", "Whoever runs the server adds it with the command “companion page --with-3d”."],
  bad_head: ["This file cannot be shown.", "It has to be a GLB or VRM file; its pictures may be PNG, JPEG or WebP, not KTX2."],
  no_shapes: ["This head has no face shapes that are known here.", "Export it with shapes that have ARKit, Oculus or VRM names."],
  no_webgl: ["This browser cannot draw in 3D.", "It has no WebGL 2, or all of it is taken."],
  no_xr: ["The headset did not open.", "The browser or its wearer refused. The conversation goes on here."],
  locked: ["The browser holds the sound back.", "It wants a click first."],
  lost: ["The connection was lost.", "The page is coming back to where you were …"],
  unreachable: ["Nothing answers.", "The server is not running, or the network is down."],
  connection_lost: ["The connection could not be mended.", "The conversation has ended."],
  server_full: ["All places are taken.", "Somebody has to leave first."],
  unknown_identity: ["They are not here.", "Whoever runs the server may have taken them away, or they cannot be loaded: choose somebody else."],
  user_full: ["You are already here, too many times.", "Close another window of this page."],
  going_away: ["The server is going down.", "It said that it will be back."],
  unauthorized: ["The access token is missing or wrong.", ""],
  token_expired: ["The access token has expired.", "Ask for a new one."],
  forbidden: ["This access token does not allow it.", "Ask for one with the right to speak."],
  room_forbidden: ["You cannot enter this room.", "It has another key, or your access token does not allow it."],
  no_such_session: ["There is no such conversation to watch.", "It has ended, or the link is wrong."],
  session_taken: ["The conversation goes on elsewhere.", "Another window has taken it over."],
  idle_timeout: ["The conversation ended, nobody said anything.", ""],
  unsupported_version: ["This page and the server do not match.", "Reload the page."],
  internal: ["Something broke in the server.", "It is not your fault. The log of the server says more."],
  new_conversation: ["This is a new conversation.", "The server has been started anew or kept the last one no longer."],
  stt_failed: ["That was not understood.", "Please say it again."],
  dialogue_failed: ["The companion lost its thread.", "Please try again."],
  tts_failed: ["The companion lost its voice.", "Please try again."],
  face_failed: ["The companion's face does not move.", "It can still be heard."],
  turn_too_long: ["That was long.", "The companion answers what it heard so far."],
  stt_slow: ["Listening takes long.", "The words are still waited for."],
  unanswered: ["That came too late.", "Please say it again."],
};

const ZH = {
  old_browser: ["浏览器版本过旧。", "此页面需要 AudioWorklet，请使用新版 Chrome、Edge、Firefox 或 Safari。"],
  NotFoundError: ["找不到麦克风。", "请连接麦克风，或直接打字。"],
  NotAllowedError: ["麦克风未获许可。", "请点击地址栏里的图标允许使用，然后重试。打字不受影响。"],
  NotReadableError: ["麦克风被占用。", "另一个程序正在使用它。请关闭该程序，或直接打字。"],
  NotSupportedError: ["此地址无法使用麦克风。", "浏览器只允许 https 页面和 localhost 使用。可以打字。"],
  camera_denied: ["摄像头未获许可。", "请点击地址栏里的图标允许使用，然后重试。对话照常进行。"],
  camera_missing: ["找不到摄像头。", "请连接摄像头。对话照常进行。"],
  camera_busy: ["摄像头被占用。", "另一个程序正在使用它。对话照常进行。"],
  bad_camera: ["这张图片无法读取。", "摄像头和对话照常进行。"],
  sight_failed: ["对方暂时看不见。", "对话照常进行。"],
  microphone_lost: ["麦克风断开了。", "它被拔出或被收回。"],
  microphone_muted: ["麦克风已静音。", "完全没有声音：请检查麦克风或系统上的开关。"],
  no_ears: ["这位伴侣听不见。", "服务器没有语音识别，请打字。"],
  no_sound: ["没有声音。", "浏览器没有给页面扬声器。"],
  no_3d: ["3D 头像需要附加组件。", "服务器的主人可用命令“companion page --with-3d”安装。"],
  bad_head: ["无法显示此文件。", "需要 GLB 或 VRM 文件；贴图可为 PNG、JPEG 或 WebP，不支持 KTX2。"],
  no_shapes: ["这个头像没有可识别的表情形状。", "导出时请使用 ARKit、Oculus 或 VRM 的名称。"],
  no_webgl: ["此浏览器无法绘制 3D。", "没有 WebGL 2，或已被占满。"],
  no_xr: ["无法进入头显。", "浏览器或佩戴者拒绝了。对话在此继续。"],
  locked: ["浏览器拦住了声音。", "需要先点击一下。"],
  lost: ["连接中断。", "正在回到刚才的地方……"],
  unreachable: ["没有应答。", "服务器没有运行，或网络不通。"],
  connection_lost: ["连接无法恢复。", "对话已结束。"],
  server_full: ["没有空位了。", "要等别人离开。"],
  unknown_identity: ["这个人不在。", "可能已被移走，或无法载入：请换一个人。"],
  user_full: ["你打开得太多了。", "请关闭此页面的另一个窗口。"],
  going_away: ["服务器正在关闭。", "它说会回来。"],
  unauthorized: ["访问令牌缺失或不正确。", ""],
  token_expired: ["访问令牌已过期。", "请申请新的令牌。"],
  forbidden: ["此令牌没有权限。", "请申请有 speak 权限的令牌。"],
  room_forbidden: ["进不了这个房间。", "钥匙不对，或你的访问令牌没有权限。"],
  no_such_session: ["没有这样的对话可看。", "它已结束，或链接有误。"],
  session_taken: ["对话在别处继续。", "另一个窗口接管了它。"],
  idle_timeout: ["太久没人说话，对话结束了。", ""],
  unsupported_version: ["页面与服务器不匹配。", "请刷新页面。"],
  internal: ["服务器出了问题。", "这不是你的错，服务器日志里有详情。"],
  new_conversation: ["这是新的对话。", "服务器已重新启动，或不再保留上一次对话。"],
  stt_failed: ["没有听懂。", "请再说一遍。"],
  dialogue_failed: ["伴侣的思路断了。", "请再试一次。"],
  tts_failed: ["伴侣失声了。", "请再试一次。"],
  face_failed: ["伴侣的脸不动了。", "仍然可以听到声音。"],
  turn_too_long: ["说得很长。", "伴侣将回答到目前为止听到的内容。"],
  stt_slow: ["识别较慢。", "仍在等待识别结果。"],
  unanswered: ["这句来得太晚了。", "请再说一遍。"],
};

/** A heading and a sentence for `code`; what is not known here is told in the server's own words. */
export function describe({ code, message = "" }) {
  return (language === "zh" ? ZH[code] : EN[code]) ?? EN[code] ?? [message, ""];
}

/** Codes after which the page asks for an access token. */
export const ASKS_FOR_TOKEN = new Set(["unauthorized", "token_expired", "forbidden"]);
/** Codes after which the page comes back by itself. */
export const COMES_BACK = new Set(["unreachable", "server_full", "going_away", "internal"]);
/** Errors that a person need not hear about: mistakes of the page itself, which the log shows. */
export const FOR_THE_LOG = new Set(["bad_message", "unknown_type", "unsupported", "unknown_companion", "bad_mic", "bad_playhead", "bad_seen", "unknown_call", "empty_text", "rate_limited"]);
/** What a reply does not mend and must not hide: the camera and the head that were wanted just now. */
export const OUTLASTS_A_REPLY = new Set(["camera_denied", "camera_missing", "camera_busy", "no_camera", "bad_head", "no_shapes", "no_3d", "no_webgl", "no_xr"]);
