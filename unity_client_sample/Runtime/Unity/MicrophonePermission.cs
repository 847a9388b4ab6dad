#nullable enable
using UnityEngine;
#if UNITY_ANDROID && !UNITY_EDITOR
using UnityEngine.Android;
#endif

namespace CompanionBridge
{
    /// <summary>Asks the platform whether the microphone may be used, and the user if nobody has.</summary>
    internal static class MicrophonePermission
    {
#if UNITY_ANDROID && !UNITY_EDITOR
        static bool _asked;
        static volatile bool _refused;

        public static bool Granted(out bool denied)
        {
            bool granted = Permission.HasUserAuthorizedPermission(Permission.Microphone);
            if (!granted && !_asked) Ask();
            denied = !granted && _refused;
            return granted;
        }

        /// <summary>The user wants it after all: the system may show its question once more.</summary>
        public static void AskAgain()
        {
            if (_refused) _asked = _refused = false;
        }

        static void Ask()
        {
            _asked = true;
            PermissionCallbacks answers = new PermissionCallbacks();
            answers.PermissionDenied += _ => _refused = true;
            Permission.RequestUserPermission(Permission.Microphone, answers);
        }

        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        static void Reset() => _asked = _refused = false;
#elif UNITY_IOS && !UNITY_EDITOR
        static AsyncOperation? _asking;

        public static bool Granted(out bool denied)
        {
            bool granted = Application.HasUserAuthorization(UserAuthorization.Microphone);
            if (!granted && _asking == null) _asking = Application.RequestUserAuthorization(UserAuthorization.Microphone);
            denied = !granted && _asking != null && _asking.isDone;
            return granted;
        }

        /// <summary>iOS asks once in the life of an installation: the answer is changed in its settings, which ends the app.</summary>
        public static void AskAgain() { }

        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        static void Reset() => _asking = null;
#else
        public static bool Granted(out bool denied)
        {
            denied = false;
            return true;
        }

        public static void AskAgain() { }
#endif
    }
}
