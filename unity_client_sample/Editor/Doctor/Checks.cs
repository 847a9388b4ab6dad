#nullable enable
using System;
using System.Collections.Generic;

namespace CompanionBridge.Editor
{
    /// <summary>The Setup Doctor's judgement: facts in, findings out. Touches nothing.</summary>
    public static class Checks
    {
        const int LongBuffer = 1024; // samples; more is heard late
        const int HeadsetSdk = 29;

        /// <summary>All findings, worst first.</summary>
        public static List<Finding> All(ProjectFacts facts)
        {
            List<Finding> all = new List<Finding>();
            Sound(facts, all);
            Scene(facts, all);
            foreach (CompanionFacts each in facts.Companions)
            {
                Face(each, all);
                Server(facts, each, all);
            }
            Build(facts, all);
            all.Sort((one, other) => other.Severity.CompareTo(one.Severity));
            return all;
        }

        static void Sound(ProjectFacts facts, List<Finding> all)
        {
            if (facts.AudioDisabled) all.Add(new Finding(Severity.Error, "Unity's sound is off", "Project Settings > Audio > Disable Unity Audio is ticked: the companion would be silent and its face at rest.", Remedy.EnableAudio));
            if (facts.DspBuffer > LongBuffer)
                all.Add(new Finding(Severity.Warning, "Long sound buffers", "The sound buffer has " + facts.DspBuffer + " samples (" + 1000 * facts.DspBuffer / Math.Max(1, facts.OutputRate) + " ms). Replies are heard that much later; Best Latency or Good Latency suits a conversation.", Remedy.BestLatency));
            if (facts.Platform == TargetPlatform.WebGL) all.Add(new Finding(Severity.Note, "Sound in browsers", "A page may make sound and use the microphone only after a click or a key. Have the player press something before the companion greets."));
            if (facts.Spatializer.Length > 0) all.Add(new Finding(Severity.Note, "Spatializer " + facts.Spatializer, "If the voice sounds flat, tick Spatialize on the AudioSource of the Companion Voice. Spatialize Post Effects, which a voice from a filter needs, is switched on by itself."));
        }

        static void Scene(ProjectFacts facts, List<Finding> all)
        {
            if (facts.Companions.Count == 0)
            {
                all.Add(new Finding(Severity.Note, "No companion in the open scene", "Tools > Companion Bridge > Create Demo Scene makes one, or select a character and choose GameObject > Companion > Make Selected Character Talk."));
                return;
            }
            if (facts.Listeners == 0) all.Add(new Finding(Severity.Error, "No AudioListener", "Nobody hears the scene: a camera needs an AudioListener.", Remedy.AddListener));
            if (facts.Listeners > 1) all.Add(new Finding(Severity.Warning, facts.Listeners + " AudioListeners", "Unity hears with one of them, perhaps not the one you mean. Keep one."));
            foreach (CompanionFacts each in facts.Companions)
            {
                if (!each.HasVoice) all.Add(new Finding(Severity.Error, each.Name + " has no Companion Voice", "Without it nothing is heard and the face has no clock.", Remedy.MakeTalk));
                if (!each.HasFace) all.Add(new Finding(Severity.Warning, each.Name + " has no Companion Face", "It is heard, but no face is asked for. (A VRM 1.0 model has a Companion VRM instead.)", Remedy.MakeTalk));
                if (!each.HasMicrophone) all.Add(new Finding(Severity.Note, each.Name + " has no Companion Microphone", "It can be typed to, not spoken to."));
            }
        }

        static void Face(CompanionFacts each, List<Finding> all)
        {
            if (!each.HasFace) return;
            if (each.Matched > 0 && each.Matched == each.Channels) all.Add(new Finding(Severity.Good, each.Name + ": the whole face", "All " + each.Channels + " channels of " + each.Profile + " are shown."));
            else if (each.Matched > 0) all.Add(new Finding(each.Matched * 2 < each.Channels ? Severity.Warning : Severity.Note, each.Name + ": " + each.Matched + " of " + each.Channels + " channels of " + each.Profile, string.Join(" ", each.Complaints)));
            else all.Add(new Finding(Severity.Error, each.Name + ": no face", string.Join(" ", each.Complaints)));
        }

        // ---------------------------------------------------------------------------------------------- server

        static void Server(ProjectFacts facts, CompanionFacts each, List<Finding> all)
        {
            if (!Uri.TryCreate(each.Url, UriKind.Absolute, out Uri? url) || (url.Scheme != "ws" && url.Scheme != "wss"))
            {
                all.Add(new Finding(Severity.Error, each.Name + ": the address is none", "\"" + each.Url + "\" should look like ws://127.0.0.1:8765 or wss://host/."));
                return;
            }
            bool device = facts.Platform == TargetPlatform.Android || facts.Platform == TargetPlatform.Ios;
            if (device && url.IsLoopback)
                all.Add(new Finding(Severity.Warning, each.Name + ": " + url.Host + " is the device itself", "On a phone or a headset this is not your computer. Use the computer's address in your network and start the bridge for it, or, over a cable on Android, adb reverse tcp:" + url.Port + " tcp:" + url.Port + "."));
            if (url.Scheme == "ws" && !facts.PlainHttp)
                all.Add(new Finding(Severity.Note, each.Name + ": no portrait by plain http", "Unity fetches nothing by http:// as the project is set, not even from this machine. The conversation does not need it; a portrait or a head of the bridge does, in development builds at least.", Remedy.PlainHttp));
            if (url.Scheme == "ws" && !url.IsLoopback)
            {
                all.Add(new Finding(IsPrivate(url.Host) ? Severity.Note : Severity.Error, each.Name + ": ws:// is not encrypted", "What is said, and the token, can be read on the way to " + url.Host + ". Fine for trying things out in your own network; anywhere else use wss://.", IsPrivate(url.Host) ? Remedy.None : Remedy.SecureUrl));
                if (facts.Platform == TargetPlatform.WebGL) all.Add(new Finding(Severity.Error, each.Name + ": browsers refuse ws:// on https pages", "A page that was loaded by https may only use wss://.", Remedy.SecureUrl));
                if (facts.Platform == TargetPlatform.Ios) all.Add(new Finding(Severity.Note, each.Name + ": iOS asks about the local network", "The first connection into the local network makes iOS ask the player. A build by this package puts the reason into Info.plist (NSLocalNetworkUsageDescription). App Transport Security does not bind the plain sockets that are used here."));
                if (facts.Platform == TargetPlatform.Android) all.Add(new Finding(Severity.Note, each.Name + ": Android's cleartext rule", "It binds Android's own HTTP stack, not the plain sockets that are used here: ws:// works without usesCleartextTraffic. A proxy or a VPN profile may still forbid it."));
            }
            if (each.HasToken) all.Add(new Finding(Severity.Warning, each.Name + ": a token lies in the scene", "Whoever has the game has it. Set CompanionClient.Token or TokenSource from code, with one that your own server gives to each player."));
        }

        /// <summary>Whether an address lies in a network of one's own (RFC 1918, RFC 4193, link-local, .local).</summary>
        public static bool IsPrivate(string host)
        {
            if (host.EndsWith(".local", StringComparison.OrdinalIgnoreCase) || host.IndexOf('.') < 0 && host.IndexOf(':') < 0) return true;
            if (!System.Net.IPAddress.TryParse(host.Trim('[', ']'), out System.Net.IPAddress? address)) return false;
            byte[] bytes = address.GetAddressBytes();
            if (bytes.Length == 16) return (bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
            return bytes[0] == 10 || (bytes[0] == 172 && bytes[1] >= 16 && bytes[1] < 32) || (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 169 && bytes[1] == 254);
        }

        // ---------------------------------------------------------------------------------------------- builds

        static void Build(ProjectFacts facts, List<Finding> all)
        {
            switch (facts.Platform)
            {
                case TargetPlatform.Ios:
                    if (facts.MicrophoneText.Trim().Length == 0) all.Add(new Finding(Severity.Error, "iOS: no Microphone Usage Description", "iOS ends an app that opens the microphone without one.", Remedy.MicrophoneText));
                    if (!facts.PreparesRecording) all.Add(new Finding(Severity.Warning, "iOS: Prepare iOS for Recording is off", "The sound stalls when the microphone opens or closes.", Remedy.PrepareRecording));
                    if (!facts.ForcesSpeaker) all.Add(new Finding(Severity.Warning, "iOS: Force iOS Speakers when Recording is off", "While the microphone is open, the voice would come from the earpiece, quietly.", Remedy.ForceSpeaker));
                    break;
                case TargetPlatform.Android:
                    if (!facts.InternetRequired) all.Add(new Finding(Severity.Error, "Android: Internet Access is Auto", "Unity leaves the permission out when it sees no networking of its own; set it to Require.", Remedy.InternetAccess));
                    if (!facts.Il2Cpp) all.Add(new Finding(facts.Headset ? Severity.Error : Severity.Note, "Android: scripting back end Mono", "The stores, and the Quest, take 64-bit builds only, which need IL2CPP.", Remedy.Il2Cpp));
                    if (!facts.Arm64) all.Add(new Finding(facts.Headset ? Severity.Error : Severity.Warning, "Android: no ARM64", "The stores, and the Quest, want ARM64.", Remedy.Arm64));
                    if (facts.Headset) Quest(facts, all);
                    break;
                case TargetPlatform.Desktop:
                    if (!facts.RunsInBackground) all.Add(new Finding(Severity.Note, "Run In Background is off", "When the window loses its focus, the conversation is paused.", Remedy.RunInBackground));
                    break;
            }
            if (facts.VrmInAssets && !facts.VrmSwitchedOn) all.Add(new Finding(Severity.Warning, "UniVRM lies in Assets", "Unity tells this package of packages only. The symbol COMPANION_VRM in the Player Settings (Scripting Define Symbols, for each platform that you build) switches Companion VRM on.", Remedy.VrmSymbol));
            if (facts.Platform == TargetPlatform.WebGL) Web(facts, all);
            if (facts.Stripping == "High") all.Add(new Finding(Severity.Good, "Managed stripping High", "This package uses no reflection: it needs no link.xml."));
        }

        static void Web(ProjectFacts facts, List<Finding> all)
        {
            if (!facts.WebExceptions) all.Add(new Finding(Severity.Error, "Web: Enable Exceptions is None", "The first exception ends the page, also one that would have been caught, such as a tool's that failed. Explicitly Thrown Exceptions Only is enough.", Remedy.WebExceptions));
            if (!facts.RunsInBackground) all.Add(new Finding(Severity.Note, "Web: Run In Background is off", "The conversation pauses whenever the page loses the focus, such as for a click beside the canvas.", Remedy.RunInBackground));
        }

        static void Quest(ProjectFacts facts, List<Finding> all)
        {
            if (facts.MinimumSdk < HeadsetSdk) all.Add(new Finding(Severity.Warning, "Quest: minimum API level " + facts.MinimumSdk, "Horizon OS wants " + HeadsetSdk + " or higher.", Remedy.MinimumSdk));
            if (facts.OutputRate != 48000) all.Add(new Finding(Severity.Note, "Quest: sound at " + facts.OutputRate + " Hz", "The headset plays at 48000 Hz; with another rate its system converts once more. Project Settings > Audio > System Sample Rate."));
            all.Add(new Finding(Severity.Note, "Quest: the microphone may be muted by the system", "It then delivers zeros, not an error: the Companion Microphone tells it (state Muted); show it to the player."));
        }
    }
}
