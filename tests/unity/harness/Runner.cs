// Runs every [Test] and [TestCase] of an assembly and prints one line for each: `ok NAME` or `FAIL NAME: why`.
using System;
using System.Linq;
using System.Reflection;
using NUnit.Framework;

public static class Runner
{
    public static int Main(string[] args)
    {
        int failed = 0;
        Assembly all = Assembly.LoadFrom(args[0]);
        foreach (Type fixture in all.GetTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            if (fixture.IsAbstract || !fixture.GetMethods().Any(IsTest)) continue;
            object instance = Activator.CreateInstance(fixture); // one for all its tests, as NUnit does
            foreach (MethodInfo test in fixture.GetMethods().OrderBy(method => method.Name, StringComparer.Ordinal))
            {
                object[] cases = test.GetCustomAttributes(typeof(TestCaseAttribute), false);
                foreach (TestCaseAttribute each in cases) failed += Run(instance, test, each.Arguments);
                if (cases.Length == 0 && test.GetCustomAttributes(typeof(TestAttribute), false).Length > 0) failed += Run(instance, test, new object[0]);
            }
        }
        return failed == 0 ? 0 : 1;
    }

    static bool IsTest(MethodInfo method)
    {
        return method.GetCustomAttributes(typeof(TestAttribute), false).Length + method.GetCustomAttributes(typeof(TestCaseAttribute), false).Length > 0;
    }

    static int Run(object instance, MethodInfo test, object[] arguments)
    {
        Type fixture = instance.GetType();
        string name = fixture.Name + "." + test.Name + (arguments.Length > 0 ? "(" + string.Join(", ", arguments) + ")" : "");
        try
        {
            foreach (MethodInfo before in fixture.GetMethods())
                if (before.GetCustomAttributes(typeof(SetUpAttribute), false).Length > 0) before.Invoke(instance, null);
            test.Invoke(instance, arguments);
        }
        catch (TargetInvocationException thrown)
        {
            Console.WriteLine("FAIL " + name + ": " + thrown.InnerException);
            return 1;
        }
        Console.WriteLine("ok " + name);
        return 0;
    }
}
