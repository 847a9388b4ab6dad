// The microphone of Apple's voice-processing unit, which takes out what the device plays. One at a time; sound goes from
// the unit's thread to the reader through a ring without locks. Every function but the callback belongs to Unity's thread.
#include <AudioToolbox/AudioToolbox.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

enum { kRate = 48000, kRing = 1 << 17, kMostFrames = 4096 };

static AudioUnit g_unit;
static float g_ring[kRing];
static float g_block[kMostFrames];
static _Atomic uint64_t g_written, g_missed;
static uint64_t g_read;

// It never waits: a reader that is too late loses the oldest, and learns how much.
static OSStatus Take(void *self, AudioUnitRenderActionFlags *flags, const AudioTimeStamp *at, UInt32 bus, UInt32 frames,
                     AudioBufferList *unused) {
  (void)self;
  (void)unused;
  if (frames > kMostFrames) return kAudioUnitErr_TooManyFramesToProcess;
  AudioBufferList list = {.mNumberBuffers = 1};
  list.mBuffers[0].mNumberChannels = 1;
  list.mBuffers[0].mDataByteSize = frames * (UInt32)sizeof(float);
  list.mBuffers[0].mData = g_block;
  OSStatus status = AudioUnitRender(g_unit, flags, at, bus, frames, &list);
  if (status != noErr) return status;
  uint64_t written = atomic_load_explicit(&g_written, memory_order_relaxed);
  for (UInt32 index = 0; index < frames; index++) g_ring[(written + index) % kRing] = g_block[index];
  atomic_store_explicit(&g_written, written + frames, memory_order_release);
  return noErr;
}

// The unit wants both directions; Unity plays by itself.
static OSStatus Rest(void *self, AudioUnitRenderActionFlags *flags, const AudioTimeStamp *at, UInt32 bus, UInt32 frames,
                     AudioBufferList *into) {
  (void)self;
  (void)at;
  (void)bus;
  (void)frames;
  for (UInt32 index = 0; index < into->mNumberBuffers; index++)
    memset(into->mBuffers[index].mData, 0, into->mBuffers[index].mDataByteSize);
  *flags |= kAudioUnitRenderAction_OutputIsSilence;
  return noErr;
}

static OSStatus Set(AudioUnitPropertyID property, AudioUnitScope scope, AudioUnitElement bus, const void *value,
                    UInt32 size) {
  return AudioUnitSetProperty(g_unit, property, scope, bus, value, size);
}

void CompanionVoiceClose(void) {
  if (!g_unit) return;
  AudioOutputUnitStop(g_unit);
  AudioUnitUninitialize(g_unit);
  AudioComponentInstanceDispose(g_unit);
  g_unit = NULL;
}

static OSStatus Prepare(void) {
  const UInt32 on = 1, most = kMostFrames;
  AudioStreamBasicDescription format = {0};
  format.mSampleRate = kRate;
  format.mFormatID = kAudioFormatLinearPCM;
  format.mFormatFlags = kAudioFormatFlagIsFloat | kAudioFormatFlagIsPacked;
  format.mFramesPerPacket = 1;
  format.mChannelsPerFrame = 1;
  format.mBitsPerChannel = 32;
  format.mBytesPerFrame = format.mBytesPerPacket = (UInt32)sizeof(float);
  AURenderCallbackStruct taken = {Take, NULL}, played = {Rest, NULL};
  OSStatus status = Set(kAudioOutputUnitProperty_EnableIO, kAudioUnitScope_Input, 1, &on, sizeof on);
  if (status == noErr) status = Set(kAudioUnitProperty_StreamFormat, kAudioUnitScope_Output, 1, &format, sizeof format);
  if (status == noErr) status = Set(kAudioUnitProperty_StreamFormat, kAudioUnitScope_Input, 0, &format, sizeof format);
  if (status == noErr) status = Set(kAudioUnitProperty_MaximumFramesPerSlice, kAudioUnitScope_Global, 0, &most, sizeof most);
  if (status == noErr) status = Set(kAudioOutputUnitProperty_SetInputCallback, kAudioUnitScope_Global, 1, &taken, sizeof taken);
  if (status == noErr) status = Set(kAudioUnitProperty_SetRenderCallback, kAudioUnitScope_Input, 0, &played, sizeof played);
  if (status == noErr) status = AudioUnitInitialize(g_unit);
  if (status == noErr) status = AudioOutputUnitStart(g_unit);
  return status;
}

// 0, or what the system says.
int CompanionVoiceOpen(void) {
  if (g_unit) return -1;
  AudioComponentDescription wanted = {0};
  wanted.componentType = kAudioUnitType_Output;
  wanted.componentSubType = kAudioUnitSubType_VoiceProcessingIO;
  wanted.componentManufacturer = kAudioUnitManufacturer_Apple;
  AudioComponent found = AudioComponentFindNext(NULL, &wanted);
  if (!found) return -1;
  OSStatus status = AudioComponentInstanceNew(found, &g_unit);
  if (status != noErr) {
    g_unit = NULL;
    return (int)status;
  }
  g_read = 0;
  atomic_store(&g_written, 0);
  atomic_store(&g_missed, 0);
  status = Prepare();
  if (status != noErr) CompanionVoiceClose();
  return (int)status;
}

int CompanionVoiceRate(void) { return kRate; }

// Samples since the last call, as many as fit; returns how many.
int CompanionVoiceRead(float *into, int most) {
  uint64_t written = atomic_load_explicit(&g_written, memory_order_acquire);
  // The writer is let run ahead by a block while this reads: what lies that near to being overwritten is given up.
  const uint64_t keep = kRing - kMostFrames;
  if (written - g_read > keep) {
    uint64_t lost = written - g_read - keep;
    g_read += lost;
    atomic_fetch_add(&g_missed, lost);
  }
  int count = 0;
  for (; count < most && g_read < written; count++, g_read++) into[count] = g_ring[g_read % kRing];
  return count;
}

double CompanionVoiceMissed(void) { return (double)atomic_load(&g_missed) / kRate; }
