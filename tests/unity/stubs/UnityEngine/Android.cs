// What a player on Android has: permissions, and Java.
#if UNITY_ANDROID
using System;
using System.Runtime.InteropServices;
using Unity.Collections;

namespace UnityEngine.Android
{
    public class PermissionCallbacks
    {
        public event Action<string> PermissionGranted = delegate { };
        public event Action<string> PermissionDenied = delegate { };

        internal void Answer(string permission, bool granted) => (granted ? PermissionGranted : PermissionDenied)(permission);
    }

    public static class Permission
    {
        public const string Microphone = "android.permission.RECORD_AUDIO";
        public static bool HasUserAuthorizedPermission(string permission) => World.Authorized;
        public static void RequestUserPermission(string permission, PermissionCallbacks callbacks) => callbacks.Answer(permission, World.Authorized);
    }
}

namespace UnityEngine
{
    public sealed class AndroidJavaException : Exception { }

    public class AndroidJavaObject : IDisposable
    {
        public AndroidJavaObject(string className, params object[] args) { }
        public void Dispose() { }
        public void Call(string methodName, params object[] args) { }
        public ReturnType Call<ReturnType>(string methodName, params object[] args) => default!;
        public ReturnType CallStatic<ReturnType>(string methodName, params object[] args) => default!;
        public IntPtr GetRawObject() => IntPtr.Zero;
        public IntPtr GetRawClass() => IntPtr.Zero;
    }

    public class AndroidJavaClass : AndroidJavaObject
    {
        public AndroidJavaClass(string className) : base(className) { }
    }

    [StructLayout(LayoutKind.Explicit)]
    public struct jvalue
    {
        [FieldOffset(0)] public int i;
        [FieldOffset(0)] public IntPtr l;
    }

    public static class AndroidJNI
    {
        public static IntPtr NewDirectByteBuffer(NativeArray<byte> buffer) => IntPtr.Zero;
        public static IntPtr NewGlobalRef(IntPtr obj) => obj;
        public static void DeleteGlobalRef(IntPtr obj) { }
        public static void DeleteLocalRef(IntPtr obj) { }
        public static IntPtr GetMethodID(IntPtr clazz, string name, string sig) => IntPtr.Zero;
        public static int CallIntMethod(IntPtr obj, IntPtr methodID, jvalue[] args) => 0;
    }
}

namespace Unity.Collections
{
    public enum Allocator { Invalid, None, Temp, TempJob, Persistent }

    public struct NativeArray<T> : IDisposable where T : struct
    {
        readonly T[] _items;

        public NativeArray(int length, Allocator allocator) { _items = new T[length]; }

        public int Length => _items.Length;
        public bool IsCreated => _items != null;
        public T this[int index] { get => _items[index]; set => _items[index] = value; }
        public void Dispose() { }
    }
}
#endif
