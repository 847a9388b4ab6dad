// One of each thing that the lint is for: a test expects it to find them all.
using System;
using System.Linq.Expressions;
using System.Threading;

public interface IHostile
{
    void Take<T>(T value);
}

public class Hostile : IHostile
{
    public static int Count;
    public static string Name { get; set; }

    public virtual void Take<T>(T value) { }

    public static object Make(Type type) => Activator.CreateInstance(type);
    public static object Look(object of) => of.GetType().GetMethod("Take");
    public static Type ByName(string name) => Type.GetType(name);
    public static T New<T>() where T : new() => new T();
    public static Delegate Compile() => Expression.Lambda(Expression.Constant(1)).Compile();
    public static Thread Start() => new Thread(() => { });
}
