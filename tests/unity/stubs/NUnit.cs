// The part of NUnit that the package's tests use, written for running them on mono.
using System;
using System.Collections;

namespace NUnit.Framework
{
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TestAttribute : Attribute { }

    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public sealed class TestCaseAttribute : Attribute
    {
        public TestCaseAttribute(params object[] arguments) { Arguments = arguments; }

        public object[] Arguments { get; }
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class SetUpAttribute : Attribute { }

    public class AssertionException : Exception
    {
        public AssertionException(string message) : base(message) { }
    }

    public delegate void TestDelegate();

    public static class Assert
    {
        public static void AreEqual(object expected, object actual, string message = "")
        {
            if (!Same(expected, actual)) throw new AssertionException(message + ": expected " + Show(expected) + ", found " + Show(actual));
        }

        public static void AreEqual(double expected, double actual, double within, string message = "")
        {
            if (!(Math.Abs(expected - actual) <= within)) throw new AssertionException(message + ": expected " + expected + " within " + within + ", found " + actual);
        }

        public static void AreNotEqual(object expected, object actual, string message = "")
        {
            if (Same(expected, actual)) throw new AssertionException(message + ": both are " + Show(actual));
        }

        public static void IsTrue(bool condition, string message = "")
        {
            if (!condition) throw new AssertionException(message + ": is not true");
        }

        public static void IsFalse(bool condition, string message = "")
        {
            if (condition) throw new AssertionException(message + ": is not false");
        }

        public static void IsNull(object value, string message = "") { IsTrue(value == null, message); }

        public static void IsNotNull(object value, string message = "") { IsTrue(value != null, message); }

        public static void Less(double left, double right, string message = "")
        {
            if (!(left < right)) throw new AssertionException(message + ": " + left + " is not below " + right);
        }

        public static void Greater(double left, double right, string message = "") { Less(right, left, message); }

        public static T Throws<T>(TestDelegate act, string message = "") where T : Exception
        {
            try
            {
                act();
            }
            catch (T thrown)
            {
                return thrown;
            }
            throw new AssertionException(message + ": nothing of type " + typeof(T).Name + " was thrown");
        }

        static bool Same(object expected, object actual)
        {
            if (expected == null || actual == null) return expected == actual;
            if (expected is string || !(expected is IEnumerable)) return Number(expected) && Number(actual) ? Convert.ToDouble(expected).Equals(Convert.ToDouble(actual)) : expected.Equals(actual);
            if (!(actual is IEnumerable)) return false;
            IEnumerator left = ((IEnumerable)expected).GetEnumerator(), right = ((IEnumerable)actual).GetEnumerator();
            while (true)
            {
                bool more = left.MoveNext();
                if (more != right.MoveNext()) return false;
                if (!more) return true;
                if (!Same(left.Current, right.Current)) return false;
            }
        }

        static bool Number(object value) { return value is int || value is long || value is float || value is double || value is byte || value is short; }

        static string Show(object value)
        {
            if (value == null) return "null";
            if (value is string || !(value is IEnumerable)) return value.ToString();
            string all = "";
            foreach (object each in (IEnumerable)value) all += (all.Length > 0 ? ", " : "") + Show(each);
            return "[" + (all.Length > 400 ? all.Substring(0, 400) + "..." : all) + "]";
        }
    }
}
