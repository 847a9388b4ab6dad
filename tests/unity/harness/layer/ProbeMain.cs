// The Setup Doctor's look at servers: `ProbeMain URL[ TOKEN] ...` prints a line for each: severity, title, text.
using System;
using System.Diagnostics;
using System.Threading;
using CompanionBridge.Editor;

public static class ProbeMain
{
    public static int Main(string[] args)
    {
        Stopwatch clock = Stopwatch.StartNew();
        foreach (string wanted in args)
        {
            string[] parts = wanted.Split(' ');
            using (ServerProbe probe = new ServerProbe(parts[0], parts.Length > 1 ? parts[1] : "", clock.Elapsed.TotalSeconds))
            {
                while (probe.Result == null)
                {
                    probe.Step(clock.Elapsed.TotalSeconds);
                    Thread.Sleep(5);
                }
                Console.WriteLine(probe.Result.Severity + "|" + probe.Result.Title + "|" + probe.Result.Text);
            }
        }
        return 0;
    }
}
