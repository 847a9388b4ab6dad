// Microphones as they are: dead on arrival, refused, called by another name, read too late, with and without an echo canceller.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using CompanionBridge;
using UnityEngine;

public static class Microphones
{
    /// A device that a test answers for.
    sealed class Device : IMicrophoneDevice
    {
        public MicrophoneDeviceState Stands = MicrophoneDeviceState.Recording;
        public bool Cancels;
        public int Starts;
        float[] _waiting = Array.Empty<float>();

        public bool StandsIn => false;
        public int Rate => 48000;
        public MicrophoneDeviceState State => Stands;
        public bool CancelsEcho => Cancels;
        public double Missed => 0;

        public bool Start()
        {
            Starts++;
            return true;
        }

        public void Stop() { }

        public void Hear(float[] samples) => _waiting = _waiting.Concat(samples).ToArray();

        public int Read(float[] into)
        {
            int count = Math.Min(into.Length, _waiting.Length);
            Array.Copy(_waiting, into, count);
            _waiting = _waiting.Skip(count).ToArray();
            return count;
        }
    }

    static CompanionMicrophone Ear(Stage stage, ListenMode mode = ListenMode.PushToTalk, string name = "")
    {
        CompanionMicrophone ear = stage.Client.gameObject.AddComponent<CompanionMicrophone>();
        ear.GetType().GetField("_device", BindingFlags.Instance | BindingFlags.NonPublic).SetValue(ear, name);
        ear.Mode = mode;
        return ear;
    }

    static Action<double> Speaking(Action<float[]> hear)
    {
        long heard = -1;
        return now =>
        {
            long due = (long)(now * 48000);
            if (heard < 0) heard = due;
            float[] block = new float[Math.Max(0, due - heard)];
            for (int index = 0; index < block.Length; index++) block[index] = 0.2f * (float)Math.Sin((heard + index) * 0.05);
            heard = due;
            hear(block);
        };
    }

    static int Warnings(string part) => World.Logged.Count(line => line.StartsWith("warning") && line.Contains(part));

    /// It opens and records nothing, for ten seconds; then it works.
    public static void Dying(Stage stage, Dictionary<string, Value> told)
    {
        World.MicrophoneDies = true;
        CompanionMicrophone ear = Ear(stage);
        stage.Until(10, now =>
        {
            if (now > 5) ear.Press(); // a player who is not heard presses and presses
        });
        told["opens"] = Value.Of(World.MicrophoneStarts);
        told["warnings"] = Value.Of(Warnings("microphone"));
        World.MicrophoneDies = false;
        Action<double> speak = Speaking(World.Hear);
        stage.Until(10.2, speak);
        ear.Press();
        stage.Until(12.2, speak);
        told["state"] = Value.Of(ear.State.ToString());
        stage.Until(20, speak);
        // It worked: what fails now is a new failure, told again and mended at once.
        World.MicrophoneDies = true;
        stage.Until(20.1, speak);
        World.MicrophoneDies = false;
        stage.Until(23, speak);
        told["again"] = Value.Of(ear.State.ToString());
        told["warnings_again"] = Value.Of(Warnings("microphone"));
    }

    /// A browser asks for seven seconds, the user says no; asked again when the user presses, and granted.
    public static void Refused(Stage stage, Dictionary<string, Value> told)
    {
        Device device = new Device { Stands = MicrophoneDeviceState.Asking };
        CompanionMicrophone ear = Ear(stage, ListenMode.Off);
        ear.Device = name => device;
        ear.Mode = ListenMode.PushToTalk;
        stage.Until(7);
        told["asking"] = Value.Of(ear.State.ToString());
        told["asked"] = Value.Of(device.Starts);
        device.Stands = MicrophoneDeviceState.Denied;
        stage.Until(40);
        told["denied"] = Value.Of(ear.State.ToString());
        told["asked_denied"] = Value.Of(device.Starts);
        told["warnings"] = Value.Of(Warnings("not allowed"));
        device.Stands = MicrophoneDeviceState.Recording;
        Action<double> speak = Speaking(device.Hear);
        ear.Press();
        stage.Until(42, speak);
        told["granted"] = Value.Of(ear.State.ToString());
        told["asked_granted"] = Value.Of(device.Starts);
    }

    /// The device of the settings is not there, for example since another headset is plugged in.
    public static void Named(Stage stage, Dictionary<string, Value> told)
    {
        CompanionMicrophone ear = Ear(stage, ListenMode.PushToTalk, "Headset of yesterday");
        stage.Until(6, Speaking(World.Hear));
        told["state"] = Value.Of(ear.State.ToString());
        told["name"] = Value.Of(World.MicrophoneName ?? "the default");
        told["warnings"] = Value.Of(Warnings("Headset of yesterday"));
    }

    /// A frame takes five seconds, while the microphone writes over its two seconds of memory.
    public static void Hole(Stage stage, Dictionary<string, Value> told)
    {
        Ear(stage, ListenMode.Open);
        Action<double> speak = Speaking(World.Hear);
        stage.Until(3, speak);
        long before = stage.Line.MicPts;
        int frames = stage.Line.Mics;
        stage.DisplayStopped = true;
        stage.Until(8, speak);
        stage.DisplayStopped = false;
        stage.Until(10, speak);
        told["passed"] = Value.Of((stage.Line.MicPts - before) / 16000.0);
        told["sent"] = Value.Of((stage.Line.Mics - frames) * 0.02);
    }

    /// The system is said to cancel echo; one device does, one does not.
    public static void Echo(Stage stage, Dictionary<string, Value> told)
    {
        Device device = new Device { Cancels = true };
        CompanionMicrophone ear = Ear(stage, ListenMode.Off);
        ear.Device = name => device;
        ear.CancelEcho = true;
        ear.Mode = ListenMode.Open;
        Action<double> speak = Speaking(device.Hear);
        stage.Until(2, speak);
        told["hello"] = stage.Line.Hello;
        stage.Line.Say(1, 20);
        stage.Until(4, speak);
        int before = stage.Line.Mics;
        stage.Until(6, speak);
        told["while_speaking"] = Value.Of((stage.Line.Mics - before) * 0.02);
        device.Cancels = false;
        stage.Until(6.1, speak);
        before = stage.Line.Mics;
        stage.Until(8, speak);
        told["without"] = Value.Of((stage.Line.Mics - before) * 0.02);
    }
}
