// The microphone in a game: permissions, presses, a device that vanishes, one that is muted.
using System;
using System.Collections.Generic;
using CompanionBridge;
using UnityEngine;

public static class Ears
{
    public static void Run(Stage stage, Dictionary<string, Value> told)
    {
        CompanionMicrophone ear = stage.Client.gameObject.AddComponent<CompanionMicrophone>();
        List<Value> states = new List<Value>();
        ear.StateChanged += state => states.Add(Value.Of(state.ToString()));
        long heard = 0;
        float level = 0.2f;
        Action<double> speak = now =>
        {
            long due = (long)(now * 48000);
            float[] block = new float[Math.Max(0, due - heard)];
            for (int index = 0; index < block.Length; index++) block[index] = level * (float)Math.Sin((heard + index) * 0.05);
            heard = due;
            World.Hear(block);
        };
        stage.Until(2, speak);
        told["before"] = Value.Of(stage.Line.Mics);
        ear.Press();
        stage.Until(3, speak);
        ear.Release();
        stage.Until(4, speak);
        told["pressed"] = Value.Of(stage.Line.Mics);
        told["talks"] = Value.Of(Got(stage, "talk"));
        level = 0;
        stage.Until(6, speak);
        level = 0.2f;
        stage.Until(7, speak);
        World.MicrophoneNames.Clear();
        stage.Until(8, speak);
        ear.Press();
        stage.Until(11, speak);
        World.MicrophoneNames.Add("Another");
        stage.Until(15, speak);
        ear.Press();
        stage.Until(16, speak);
        World.Send("OnApplicationFocus", false);
        told["talking_without_focus"] = Value.Of(ear.IsTalking);
        World.Send("OnApplicationPause", true);
        World.Send("OnApplicationPause", false);
        stage.Until(19, speak);
        ear.Mode = ListenMode.Open;
        stage.Until(21, speak);
        told["open"] = Value.Of(stage.Line.Mics);
        told["states"] = Value.Of(states);
    }

    static int Got(Stage stage, string type) => stage.Line.Got.TryGetValue(type, out int count) ? count : 0;
}
