using System.Reflection;
using Keyturn.Resets;

namespace Keyturn.Tests.Resets;

/// <summary>A store whose answers to prepare are a test's; everything else is the real one's.</summary>
public class PrepareProxy : DispatchProxy
{
    private IResetStore _store = null!;
    private Func<ResetIntent, Task<PrepareResult>> _prepare = null!;

    internal static IResetStore Before(IResetStore store, Func<ResetIntent, Task<PrepareResult>> prepare)
    {
        var proxy = Create<IResetStore, PrepareProxy>();
        ((PrepareProxy)proxy)._store = store;
        ((PrepareProxy)proxy)._prepare = prepare;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == nameof(IResetStore.PrepareAsync) ? new ValueTask<PrepareResult>(_prepare((ResetIntent)args![0]!)) : targetMethod.Invoke(_store, args);
}
