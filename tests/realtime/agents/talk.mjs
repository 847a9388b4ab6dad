// Talks to a bridge with OpenAI's own agents package, and prints what happened as one JSON line.
import { RealtimeAgent, RealtimeSession, OpenAIRealtimeWebSocket, tool } from '@openai/agents/realtime';

const [url, key] = process.argv.slice(2);
const seen = [];
const errors = [];
let audio = 0;
const called = [];

const clock = tool({
  name: 'clock',
  description: 'Tells the time.',
  parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'], additionalProperties: false },
  strict: true,
  execute: async (input) => {
    called.push(input);
    return 'noon';
  },
});
const agent = new RealtimeAgent({ name: 'Mira', instructions: 'Be brief.', tools: [clock] });
const transport = new OpenAIRealtimeWebSocket({ url });
const session = new RealtimeSession(agent, {
  transport,
  model: 'gpt-realtime',
  config: { audio: { input: { transcription: { model: 'whisper-1' } } } },
});

session.on('error', (error) => errors.push(error));
session.on('audio', (event) => {
  audio += event.data.byteLength;
});
const waiting = new Map();
session.on('transport_event', (event) => {
  seen.push(event.type);
  const wake = waiting.get(event.type);
  waiting.delete(event.type);
  wake?.(event);
});
const next = (type) => new Promise((resolve) => waiting.set(type, resolve));

const deadline = setTimeout(() => {
  console.log(JSON.stringify({ late: true, seen, errors: errors.map(String) }));
  process.exit(1);
}, 60000);

await session.connect({ apiKey: key, url });
let done = next('response.done');
session.sendMessage('Hello?');
await done;

// A function, then what the companion makes of its answer.
done = next('response.done');
session.sendMessage('What time is it?');
await done;
await next('response.done');

// Speech: a tone that the scripted detector takes for a voice, then silence.
const spoken = (seconds, loud) => {
  const pcm = new Int16Array(Math.round(24000 * seconds));
  for (let i = 0; i < pcm.length; i++) pcm[i] = loud ? 12000 * Math.sin((2 * Math.PI * 250 * i) / 24000) : 0;
  return pcm.buffer;
};
done = next('response.done');
session.sendAudio(spoken(0.6, true));
session.sendAudio(spoken(1.2, false));
await done;

// An interruption by the client, which says how much was played.
const begun = next('response.output_audio.delta');
const cut = next('conversation.item.truncated');
session.sendMessage('Count.');
await begun;
session.interrupt();
await cut;
const history = session.history.filter((item) => item.type === 'message').map((item) => ({
  role: item.role,
  text: item.content.map((part) => part.transcript ?? part.text ?? '').join(' '),
}));
clearTimeout(deadline);
console.log(JSON.stringify({ seen, errors: errors.map((each) => JSON.stringify(each)), audio, called, history }));
session.close();
process.exit(0);
