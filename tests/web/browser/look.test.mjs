// What a visitor sees: quick and small, safe, in their language, with faults told in sentences. Screenshots in ../out.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, test } from "node:test";

import { FACTS, OUT, launch, leave, line, open as enter, say } from "./stage.mjs";

/** The files of an archive that holds them as they are. */
function stored(archive) {
  const files = {};
  for (let at = 0; archive.readUInt32LE(at) === 0x04034b50; ) {
    const [size, name] = [archive.readUInt32LE(at + 18), archive.readUInt16LE(at + 26)];
    const from = at + 30 + name;
    files[archive.toString("utf8", at + 30, from)] = Buffer.from(archive.subarray(from, from + size));
    at = from + size;
  }
  return files;
}

let browser;
before(async () => (browser = await launch("--autoplay-policy=no-user-gesture-required")));
afterEach(leave);
after(() => browser.close());

const open = (from, more) => enter(from, { viewport: { width: 1280, height: 800 }, ...more });
const shoot = (page, name) => page.screenshot({ path: `${OUT}${name}.png` });

test("the page is small, quick and alone", async () => {
  const page = await open(browser);
  const facts = await page.evaluate(() => ({
    all: performance.getEntriesByType("resource").map(({ name, transferSize }) => [name, transferSize]),
    dom: performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
    html: performance.getEntriesByType("navigation")[0].transferSize,
  }));
  const bytes = facts.html + facts.all.reduce((sum, [, size]) => sum + size, 0);
  console.log(`# ${facts.all.length + 1} files, ${(bytes / 1000).toFixed(0)} kB, scripts run after ${facts.dom.toFixed(0)} ms`);
  assert.ok(bytes < 300_000, `${bytes} bytes`);
  assert.ok(facts.all.every(([name]) => name.startsWith(FACTS.open)));
  assert.equal(await page.textContent("#name"), FACTS.name);
  await page.waitForTimeout(600);
  await shoot(page, "rest");
  assert.deepEqual(page.faults, []);
});

test("the content security policy is in force", async () => {
  const page = await open(browser);
  const tried = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "globalThis.injected = true";
    document.body.append(script);
    const fetched = await fetch("http://127.0.0.1:9/").then(() => "fetched", () => "refused");
    // Out of the debugger's own call, which the policy does not bind.
    const evaluated = await new Promise((resolve) =>
      setTimeout(() => {
        try {
          resolve(new Function("return true")());
        } catch {
          resolve(false);
        }
      }),
    );
    return { injected: globalThis.injected ?? false, fetched, evaluated };
  });
  assert.deepEqual(tried, { injected: false, fetched: "refused", evaluated: false });
  assert.ok(page.faults.some((fault) => /Content Security Policy/.test(fault)));
});

test("talking, by day and by night, at a desk and on a phone, with the instruments", async () => {
  const page = await open(browser);
  await say(page, "The moon is about as old as the earth, and it has always turned the same face to us.", { wait: false });
  await page.waitForFunction(() => kept.events.filter(({ type }) => type === "word").length > 9);
  await shoot(page, "talking");
  await page.click("#open-instruments");
  await page.waitForTimeout(900);
  await shoot(page, "instruments");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.evaluate(() => document.querySelector("#panel-instruments").scrollTo(0, 620));
  await page.waitForTimeout(500);
  await shoot(page, "curves-dark");
  await page.waitForFunction(() => kept.events.some(({ type }) => type === "ended"));
  await page.click("#tab-talk");
  await shoot(page, "conversation-dark");
  assert.match(await page.textContent("#history"), /moon is about as old/);
  const saved = page.waitForEvent("download");
  await page.click("#tab-instruments");
  await page.click("text=Save trace");
  assert.match((await saved).suggestedFilename(), /^companion-.*\.zip$/);
  const files = stored(await readFile(await (await saved).path()));
  const trace = JSON.parse(files["trace.json"]);
  assert.equal(trace.turns.length, 1);
  assert.ok(trace.turns[0].from < trace.turns[0].token && trace.turns[0].audio < trace.turns[0].heard);
  assert.ok(trace.sync.offsets_ms.length > 0);
  assert.ok(trace.messages.some(({ message }) => message.type === "media") && trace.points.length > 1);
  assert.equal(trace.welcome.token, "…");
  assert.equal(files["sound.wav"].toString("latin1", 0, 4), "RIFF");
  assert.ok(new Int16Array(files["sound.wav"].buffer, files["sound.wav"].byteOffset + 44, 48000).some((sample) => sample > 3000));
  assert.deepEqual(page.faults, []);

  const phone = await open(browser, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme: "dark" });
  await say(phone, "Hello from a phone, at night.", { wait: false });
  await phone.waitForFunction(() => kept.events.filter(({ type }) => type === "word").length > 3);
  await shoot(phone, "phone-dark");
  const outside = await phone.evaluate(() => [...document.querySelectorAll("button, input, main, .bar")].filter((node) => node.offsetParent && node.getBoundingClientRect().right > innerWidth).map(({ id }) => id));
  assert.deepEqual(outside, []);
});

test("in Chinese for those who read it", async () => {
  const page = await open(browser, { locale: "zh-CN" });
  assert.equal(await page.getAttribute("html", "lang"), "zh-Hans");
  assert.equal(await page.textContent("#open-talk span"), "对话");
  assert.equal(await page.getAttribute("#text", "placeholder"), "说点什么……");
  await shoot(page, "chinese");
});

test("the state is told to assistive technology, and the keyboard reaches everything", async () => {
  const page = await open(browser);
  assert.equal(await page.getAttribute("#state", "role"), "status");
  assert.equal(await page.textContent("#state"), "is here");
  const reached = [];
  for (let index = 0; index < 14; index += 1) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => document.activeElement.id));
  }
  for (const id of ["open-talk", "open-instruments", "hold", "text", "send", "listen"]) assert.ok(reached.includes(id), `${id} in ${reached}`);
  await say(page, "Hello there, how do you do?", { wait: false });
  await page.waitForFunction(() => kept.states.includes("is speaking"));
  const unnamed = await page.evaluate(() => [...document.querySelectorAll("button, input")].filter((node) => node.offsetParent && !(node.textContent.trim() || node.getAttribute("aria-label") || node.labels?.length)).length);
  assert.equal(unnamed, 0);
});

test("the avatar alone, on nothing, for a stream", async () => {
  const page = await open(browser, { url: `${FACTS.open}?view=avatar&background=transparent` });
  await page.waitForTimeout(500);
  const png = await page.screenshot({ path: `${OUT}avatar.png`, omitBackground: true });
  assert.equal(png[25], 6, "the picture has an alpha channel");
  const corner = await page.evaluate(() => [getComputedStyle(document.documentElement).backgroundColor, getComputedStyle(document.body).backgroundColor]);
  assert.deepEqual(corner, ["rgba(0, 0, 0, 0)", "rgba(0, 0, 0, 0)"]);
  assert.equal(await page.isVisible("#composer"), false);

  const talker = await open(browser);
  const { session, watch } = await talker.evaluate(() => companion.welcome);
  const viewer = await open(browser, { url: `${FACTS.open}?view=avatar&subtitles#watch=${session}.${watch}` });
  await say(talker, "Everybody can hear this.");
  await viewer.waitForFunction(() => kept.events.some(({ type }) => type === "ended"));
  assert.equal((await viewer.evaluate(() => kept.events.filter(({ type }) => type === "word").length)), 4);
  assert.deepEqual(viewer.faults, []);
});

test("a wrong token asks for one, a full server says so", async () => {
  const page = await open(browser, { url: FACTS.guarded, ready: false });
  await page.waitForSelector("#ask[open]");
  await page.fill("#token", "wrong");
  await page.click("#ask button");
  await page.waitForSelector("#ask[open]");
  assert.match(await page.textContent("#fault"), /missing or wrong/);
  await shoot(page, "token");
  await page.fill("#token", FACTS.token);
  await page.press("#token", "Enter");
  await page.waitForFunction(() => companion.welcome);
  assert.equal(await page.isVisible("#fault"), false);
  assert.ok(!page.url().includes(FACTS.token));

  const late = await open(browser, { url: FACTS.guarded, ready: false });
  await late.waitForSelector("#ask[open]");
  await late.fill("#token", FACTS.token);
  await late.press("#token", "Enter");
  await late.waitForFunction(() => document.querySelector("#fault").dataset.code === "server_full");
  assert.match(await late.textContent("#fault"), /All places are taken/);
});

test("a lost line and a browser that is too old are told in words", async () => {
  const wire = await line(FACTS.open);
  const page = await open(browser, { url: wire.url });
  wire.close();
  wire.cut();
  await page.waitForFunction(() => document.querySelector("#fault").dataset.code === "lost");
  assert.equal(await page.textContent("#state"), "connection lost, coming back …");
  assert.match(await page.textContent("#fault"), /connection was lost/);

  const old = await open(browser, { ready: false, url: "about:blank" });
  await old.addInitScript(() => delete globalThis.AudioWorkletNode);
  await old.goto(FACTS.open);
  await old.waitForSelector("#fault:not([hidden])");
  assert.match(await old.textContent("#fault"), /browser is too old/);
});

test("without a microphone or leave to use it, the page says what to do", async () => {
  for (const [name, sentence] of [["NotAllowedError", /not allowed/], ["NotFoundError", /No microphone found/], ["NotReadableError", /busy/]]) {
    const page = await open(browser);
    await page.evaluate((error) => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", error))), name);
    await page.click("#listen");
    await page.waitForSelector("#fault:not([hidden])");
    assert.match(await page.textContent("#fault"), sentence);
    assert.equal(await page.getAttribute("#listen", "aria-pressed"), "false");
  }
});
