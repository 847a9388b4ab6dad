// A character with the package's real components, the frames of a display and the blocks of a sound card, all on one simulated
// clock. The card's own clock runs off by some ppm, its callbacks come late and in bursts; what its loudspeaker emits is the truth.
using System;
using System.Collections.Generic;
using CompanionBridge;
using UnityEngine;

public sealed class Stage
{
    public double Now, Ppm = 80, Jitter = 0.003, Hz = 72;
    public int Block = 1024, Burst = 1, Buffers = 4, OutputRate = 48000, Channels = 2;
    public readonly List<double> Errors = new List<double>(); // ms; above 0: the face is early
    public readonly List<Studio> Lines = new List<Studio>();
    public long FrameBytes, SoundBytes, LineBytes, Frames, Blocks, FrameCount, Silent;
    public int FirstAllocating;
    public bool Measuring, CardStopped, DisplayStopped;
    public readonly CompanionClient Client;
    public readonly CompanionVoice Voice;
    public readonly CompanionFace Face;
    public readonly SkinnedMeshRenderer Head;

    static readonly Func<long> Allocated = (Func<long>)Delegate.CreateDelegate(typeof(Func<long>), typeof(GC).GetMethod("GetAllocatedBytesForCurrentThread"));

    readonly System.Random _random = new System.Random(1);
    readonly string[] _names;
    readonly float[] _air = new float[1 << 20]; // what the card plays, by its sample
    float[] _data;
    double _cardFrom, _wakeAt, _nextFrame;
    long _asked;
    readonly int _one, _other;

    public Studio Line => Lines[Lines.Count - 1];

    public Stage(bool subtitles = false, Action<CompanionClient> inspector = null)
    {
        World.Clear();
        CompanionClock.Source = () => Now;
        _names = new string[55];
        FaceNames.Arkit.CopyTo(_names, 0);
        FaceNames.Head.CopyTo(_names, 52);
        GameObject character = new GameObject("Companion");
        GameObject mesh = new GameObject("Head");
        mesh.transform.SetParent(character.transform);
        Head = mesh.AddComponent<SkinnedMeshRenderer>();
        Head.sharedMesh = new Mesh { vertices = new Vector3[3] };
        foreach (string each in FaceNames.Arkit) Head.sharedMesh.AddBlendShapeFrame(each, 100, new Vector3[3], null, null);
        _one = Head.sharedMesh.GetBlendShapeIndex("mouthSmileLeft");
        _other = Head.sharedMesh.GetBlendShapeIndex("mouthSmileRight");
        character.SetActive(false);
        Client = character.AddComponent<CompanionClient>();
        Client.Log = CompanionLogLevel.Everything;
        inspector?.Invoke(Client);
        Client.Transport = () =>
        {
            Lines.Add(new Studio(_names));
            return Line;
        };
        Voice = character.AddComponent<CompanionVoice>();
        Face = character.AddComponent<CompanionFace>();
        character.AddComponent<CompanionEvents>();
        if (subtitles) character.AddComponent<CompanionSubtitles>();
        AudioSettings.outputSampleRate = OutputRate;
        World.ChangeDevice(OutputRate, Block, Buffers);
        character.SetActive(true);
    }

    /// <summary>Another card, or the same one opened anew.</summary>
    public void Card(int rate, int block, int buffers)
    {
        OutputRate = rate;
        Block = block;
        Buffers = buffers;
        World.ChangeDevice(rate, block, buffers);
        StartCard();
    }

    public void StartCard()
    {
        CardStopped = false;
        _data = new float[Block * Channels];
        _cardFrom = _wakeAt = Now;
        _asked = 0;
    }

    double CardRate => OutputRate * (1 + Ppm * 1e-6);

    public void Until(double end, Action<double> meanwhile = null)
    {
        if (_data == null) StartCard();
        while (Now < end)
        {
            bool sound = !CardStopped && _wakeAt <= _nextFrame;
            Now = sound ? Math.Max(Now, _wakeAt) : Math.Max(Now, _nextFrame);
            if (sound) Sound();
            else Frame(meanwhile);
        }
    }

    void Sound()
    {
        // The card asks for the next blocks when the last are used up; the callback comes late, but never early.
        for (int block = 0; block < Burst; block++)
        {
            long before = Allocated();
            bool any = World.Sound(_data, Channels);
            if (Measuring) SoundBytes += Allocated() - before;
            if (!any) Array.Clear(_data, 0, _data.Length);
            for (int index = 0; index < Block; index++) _air[(_asked + index) & (_air.Length - 1)] = _data[index * Channels];
            _asked += Block;
            Blocks++;
        }
        double due = _cardFrom + _asked / CardRate;
        _wakeAt = due + Jitter * _random.NextDouble();
    }

    void Frame(Action<double> meanwhile)
    {
        long first = Allocated();
        if (Lines.Count > 0) Line.Step(Now);
        if (Measuring) LineBytes += Allocated() - first;
        meanwhile?.Invoke(Now);
        if (!DisplayStopped)
        {
            long before = Allocated();
            World.Frame();
            long bytes = Allocated() - before;
            if (Measuring)
            {
                FrameBytes += bytes;
                if (bytes > 0 && FirstAllocating == 0) FirstAllocating = (int)FrameCount;
            }
            FrameCount++;
            if (Measuring) Compare();
        }
        Frames++;
        _nextFrame = Math.Max(_nextFrame + 1 / Hz, Now) + (_random.NextDouble() - 0.5) * 0.0006;
    }

    float Air(long sample) => _air[sample & (_air.Length - 1)] * 32768;

    /// <summary>Place in the turn, in samples of a cycle, that the loudspeaker emits; below 0 for silence and where a cycle ends.</summary>
    double Emitted()
    {
        double latency = Voice.LatencyMs / 1000.0;
        double sample = (Now - _cardFrom - latency) * CardRate;
        if (sample < 64) return -1;
        long at = (long)sample;
        // The sound is a ramp that begins anew each cycle; the filter rings there, and the ramp is none.
        double slope = 4.0 * Studio.Rate / OutputRate;
        for (int step = -40; step <= 40; step += 8)
            if (Math.Abs(Air(at + step) - Air(at) - step * slope) > 1) return -1;
        double value = Air(at) + slope * (sample - at);
        return value < 1900 ? -1 : (value - 2000) / 4;
    }

    /// <summary>Frame of a cycle that the face shows; below 0 where a blend into the next cycle hides it.</summary>
    double Shown()
    {
        double one = Head.GetBlendShapeWeight(_one) / 100.0 * 255, other = Head.GetBlendShapeWeight(_other) / 100.0 * 255;
        double apart = Math.Abs(Math.Abs(one - other) - Studio.FaceCycle / 2);
        return apart < 0.1 ? one : -1;
    }

    void Compare()
    {
        double heard = Emitted(), frame = Shown();
        if (heard < 0 || frame < 0)
        {
            Silent++;
            return;
        }
        double shown = frame * Studio.Rate / Studio.Fps;
        double error = (shown - heard) % Studio.Cycle;
        if (error > Studio.Cycle / 2) error -= Studio.Cycle;
        if (error < -Studio.Cycle / 2) error += Studio.Cycle;
        Errors.Add(error * 1000 / Studio.Rate);
    }
}
