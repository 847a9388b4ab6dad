// The part of Apple's AudioToolbox that the voice microphone uses, written by hand from its documentation.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef uint32_t UInt32;
typedef int32_t OSStatus;
typedef double Float64;
typedef UInt32 AudioUnitPropertyID, AudioUnitScope, AudioUnitElement, AudioUnitRenderActionFlags;
typedef struct OpaqueAudioComponent *AudioComponent;
typedef struct OpaqueAudioComponentInstance *AudioComponentInstance;
typedef AudioComponentInstance AudioUnit;

enum { noErr = 0, kAudioUnitErr_TooManyFramesToProcess = -10874 };
enum {
  kAudioUnitType_Output = 0x61756f75,
  kAudioUnitSubType_VoiceProcessingIO = 0x7670696f,
  kAudioUnitManufacturer_Apple = 0x6170706c,
  kAudioFormatLinearPCM = 0x6c70636d,
};
enum { kAudioFormatFlagIsFloat = 1, kAudioFormatFlagIsPacked = 8 };
enum { kAudioUnitScope_Global = 0, kAudioUnitScope_Input = 1, kAudioUnitScope_Output = 2 };
enum {
  kAudioUnitProperty_StreamFormat = 8,
  kAudioUnitProperty_MaximumFramesPerSlice = 14,
  kAudioUnitProperty_SetRenderCallback = 23,
  kAudioOutputUnitProperty_EnableIO = 2003,
  kAudioOutputUnitProperty_SetInputCallback = 2005,
};
enum { kAudioUnitRenderAction_OutputIsSilence = 1 << 4 };

typedef struct {
  UInt32 componentType, componentSubType, componentManufacturer, componentFlags, componentFlagsMask;
} AudioComponentDescription;
typedef struct {
  Float64 mSampleRate;
  UInt32 mFormatID, mFormatFlags, mBytesPerPacket, mFramesPerPacket, mBytesPerFrame, mChannelsPerFrame, mBitsPerChannel, mReserved;
} AudioStreamBasicDescription;
typedef struct {
  UInt32 mNumberChannels, mDataByteSize;
  void *mData;
} AudioBuffer;
typedef struct {
  UInt32 mNumberBuffers;
  AudioBuffer mBuffers[1];
} AudioBufferList;
typedef struct {
  Float64 mSampleTime;
} AudioTimeStamp;
typedef OSStatus (*AURenderCallback)(void *, AudioUnitRenderActionFlags *, const AudioTimeStamp *, UInt32, UInt32, AudioBufferList *);
typedef struct {
  AURenderCallback inputProc;
  void *inputProcRefCon;
} AURenderCallbackStruct;

AudioComponent AudioComponentFindNext(AudioComponent after, const AudioComponentDescription *wanted);
OSStatus AudioComponentInstanceNew(AudioComponent of, AudioComponentInstance *made);
OSStatus AudioComponentInstanceDispose(AudioComponentInstance made);
OSStatus AudioUnitSetProperty(AudioUnit unit, AudioUnitPropertyID property, AudioUnitScope scope, AudioUnitElement bus, const void *value, UInt32 size);
OSStatus AudioUnitInitialize(AudioUnit unit);
OSStatus AudioUnitUninitialize(AudioUnit unit);
OSStatus AudioOutputUnitStart(AudioUnit unit);
OSStatus AudioOutputUnitStop(AudioUnit unit);
OSStatus AudioUnitRender(AudioUnit unit, AudioUnitRenderActionFlags *flags, const AudioTimeStamp *at, UInt32 bus, UInt32 frames, AudioBufferList *into);
