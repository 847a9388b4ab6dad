// A microphone of a device that is none: counts up, sample by sample, when this program says so. Asserts what comes out of
// the plug-in for iOS.
#include <AudioToolbox/AudioToolbox.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

int CompanionVoiceOpen(void);
void CompanionVoiceClose(void);
int CompanionVoiceRate(void);
int CompanionVoiceRead(float *into, int most);
double CompanionVoiceMissed(void);

static AURenderCallbackStruct taken, played;
static int units, running, refuses;
static long heard;

AudioComponent AudioComponentFindNext(AudioComponent after, const AudioComponentDescription *wanted) {
  (void)after;
  return wanted->componentSubType == kAudioUnitSubType_VoiceProcessingIO ? (AudioComponent)&units : NULL;
}

OSStatus AudioComponentInstanceNew(AudioComponent of, AudioComponentInstance *made) {
  (void)of;
  units++;
  *made = (AudioComponentInstance)&units;
  return noErr;
}

OSStatus AudioComponentInstanceDispose(AudioComponentInstance made) {
  (void)made;
  units--;
  return noErr;
}

OSStatus AudioUnitSetProperty(AudioUnit unit, AudioUnitPropertyID property, AudioUnitScope scope, AudioUnitElement bus,
                              const void *value, UInt32 size) {
  (void)unit;
  if (property == kAudioOutputUnitProperty_EnableIO) assert(scope == kAudioUnitScope_Input && bus == 1 && *(const UInt32 *)value == 1);
  if (property == kAudioUnitProperty_StreamFormat) {
    const AudioStreamBasicDescription *format = value;
    assert(size == sizeof *format && format->mSampleRate == 48000 && format->mBytesPerFrame == 4 && format->mChannelsPerFrame == 1);
    assert((scope == kAudioUnitScope_Output && bus == 1) || (scope == kAudioUnitScope_Input && bus == 0));
  }
  if (property == kAudioOutputUnitProperty_SetInputCallback) memcpy(&taken, value, size);
  if (property == kAudioUnitProperty_SetRenderCallback) memcpy(&played, value, size);
  return noErr;
}

OSStatus AudioUnitInitialize(AudioUnit unit) {
  (void)unit;
  return refuses ? -66637 : noErr;
}

OSStatus AudioUnitUninitialize(AudioUnit unit) {
  (void)unit;
  return noErr;
}

OSStatus AudioOutputUnitStart(AudioUnit unit) {
  (void)unit;
  running = 1;
  return noErr;
}

OSStatus AudioOutputUnitStop(AudioUnit unit) {
  (void)unit;
  running = 0;
  return noErr;
}

OSStatus AudioUnitRender(AudioUnit unit, AudioUnitRenderActionFlags *flags, const AudioTimeStamp *at, UInt32 bus, UInt32 frames,
                         AudioBufferList *into) {
  (void)unit;
  (void)flags;
  (void)at;
  assert(bus == 1 && into->mNumberBuffers == 1 && into->mBuffers[0].mDataByteSize == frames * sizeof(float));
  float *samples = into->mBuffers[0].mData;
  for (UInt32 index = 0; index < frames; index++) samples[index] = (float)(heard++);
  return noErr;
}

static void hear(int blocks, UInt32 frames) {
  AudioUnitRenderActionFlags flags = 0;
  AudioTimeStamp at = {0};
  for (; blocks > 0 && running; blocks--) assert(taken.inputProc(NULL, &flags, &at, 1, frames, NULL) == noErr);
}

// All that waits, which must count up; returns how much.
static long all(float first) {
  static float into[4096];
  long done = 0;
  for (int count = CompanionVoiceRead(into, 4096); count > 0; count = CompanionVoiceRead(into, 4096))
    for (int index = 0; index < count; index++, done++) assert(into[index] == first + (float)done);
  return done;
}

int main(void) {
  assert(CompanionVoiceRate() == 48000);
  refuses = 1;
  assert(CompanionVoiceOpen() == -66637 && units == 0 && !running);
  refuses = 0;
  assert(CompanionVoiceOpen() == 0 && units == 1 && running);
  assert(CompanionVoiceOpen() == -1);
  assert(all(0) == 0);
  hear(10, 512);
  assert(all(0) == 5120 && CompanionVoiceMissed() == 0);
  hear(400, 480); // four seconds that nobody reads: the oldest are lost
  float first;
  assert(CompanionVoiceRead(&first, 1) == 1);
  long lost = (long)first - 5120;
  assert(lost > 0 && CompanionVoiceMissed() > 0 && (long)(CompanionVoiceMissed() * 48000 + 0.5) == lost);
  assert(all(first + 1) == 400 * 480 - lost - 1);
  AudioUnitRenderActionFlags flags = 0;
  AudioTimeStamp at = {0};
  assert(taken.inputProc(NULL, &flags, &at, 1, 1 << 20, NULL) == kAudioUnitErr_TooManyFramesToProcess);
  float out[64];
  memset(out, 1, sizeof out);
  AudioBufferList list = {1, {{1, sizeof out, out}}};
  assert(played.inputProc(NULL, &flags, &at, 0, 64, &list) == noErr && out[63] == 0);
  assert(flags & kAudioUnitRenderAction_OutputIsSilence);
  CompanionVoiceClose();
  CompanionVoiceClose();
  assert(units == 0 && !running);
  heard = 0;
  assert(CompanionVoiceOpen() == 0 && CompanionVoiceMissed() == 0 && all(0) == 0);
  hear(2, 1024);
  assert(all(0) == 2048);
  CompanionVoiceClose();
  puts("good");
  return 0;
}
