using System.Collections.Concurrent;
using System.Diagnostics;

namespace Keyturn.Crash;

/// <summary>What must not outlive the campaign, also where it is interrupted: processes, and a mounted file system.</summary>
internal static class AtExit
{
    private static readonly ConcurrentDictionary<object, Action> Actions = new();

    static AtExit() => AppDomain.CurrentDomain.ProcessExit += (_, _) => RunAll();

    public static void Do(object what, Action action) => Actions[what] = action;

    /// <summary>It is done already.</summary>
    public static void Forget(object what) => Actions.TryRemove(what, out _);

    public static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }

    private static void RunAll()
    {
        // Processes first: a file system that is in use stays mounted.
        foreach (var action in Actions.OrderBy(one => one.Key is not Process).Select(one => one.Value))
        {
            action();
        }
    }
}
