using FsCheck;
using FsCheck.Fluent;
using Keyturn.Simulation.Servers;

namespace Keyturn.Simulation;

/// <summary>Makes histories, and smaller ones of a history that failed.</summary>
internal static class HistoryArbitrary
{
    private static readonly Gen<int> Moment = Gen.Frequency(
        (4, Gen.Choose(0, 3)), (3, Gen.Choose(0, 60)), (3, Gen.Choose(0, 5_000)), (2, Gen.Choose(0, 120_000)));

    private static readonly Gen<int> Boundary = Gen.Frequency((1, Gen.Constant(0)), (2, Gen.Choose(1, 50)), (2, Gen.Choose(20, 110)));

    private static readonly Gen<Act> Request = Gen.Frequency((4, Gen.Constant(Act.Reset)), (3, Gen.Constant(Act.ResetTo)), (1, Gen.Constant(Act.Read)), (1, Gen.Constant(Act.Verify)), (1, Gen.Constant(Act.Adopt)));

    private static readonly Gen<Act> Trouble = Gen.Frequency(
        (6, Gen.Constant(Act.Crash)), (5, Gen.Constant(Act.ChangeFate)), (3, Gen.Constant(Act.Pause)), (3, Gen.Constant(Act.WriteFate)),
        (3, Gen.Constant(Act.StoreFailOver)), (3, Gen.Constant(Act.ServerRestart)), (2, Gen.Constant(Act.Read)), (2, Gen.Constant(Act.HangUp)),
        (1, Gen.Constant(Act.Cut)), (3, Gen.Constant(Act.OddLogin)), (3, Gen.Constant(Act.NoSessionEnds)), (1, Gen.Constant(Act.NoMajority)),
        (1, Gen.Constant(Act.StoreAway)), (1, Gen.Constant(Act.StoreRefuses)), (1, Gen.Constant(Act.ClockJump)), (1, Gen.Constant(Act.StoreClockJump)));

    private static readonly Gen<Shape> Shapes =
        from nodes in Gen.Frequency((2, Gen.Constant(1)), (3, Gen.Constant(2)), (2, Gen.Constant(3)))
        from kind in Gen.Elements(ServerKind.Plain, ServerKind.PerNode, ServerKind.Majority)
        from accounts in Gen.Frequency((3, Gen.Constant(1)), (1, Gen.Constant(2)))
        from latency in Gen.Elements(0, 3_000, 3_000, 8_000_000)
        from hides in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
        from adopted in Gen.Frequency((5, Gen.Constant(true)), (1, Gen.Constant(false)))
        from skew in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(-1_000, 1_000)))
        select new Shape { Nodes = nodes, Kind = kind, Accounts = accounts, LongestLatency = latency, HidesVerifiers = hides, IsAdopted = adopted, ClockSkewSeconds = skew };

    /// <summary>All kinds of trouble, on all kinds of servers.</summary>
    private static readonly Gen<History> Mixed =
        from seed in Gen.Choose(0, int.MaxValue)
        from shape in Shapes
        from requests in Gen.Choose(1, 4).SelectMany(count => Steps(shape, Request).ArrayOf(count))
        from troubles in Gen.Choose(0, 6).SelectMany(count => Steps(shape, Trouble).ArrayOf(count))
        select new History((ulong)seed, shape, [.. requests.Select(step => step with { Boundary = 0 }), .. troubles]);

    /// <summary>Values of B for which a change lands late, by 6, 20, 70 and 200 seconds.</summary>
    private static readonly int[] LandsLate = [24, 4, 19, 34];

    /// <summary>
    /// What takes several pieces of bad luck in a row: workers that die or sleep while statements of theirs wait at the server, and others that
    /// go on with the same account meanwhile.
    /// </summary>
    private static readonly Gen<History> Late =
        from seed in Gen.Choose(0, int.MaxValue)
        from narrow in Shapes.Select(Narrow)
        from requests in Gen.Choose(2, 5).SelectMany(count => Steps(narrow, Gen.Elements(Act.Reset, Act.ResetTo)).ArrayOf(count))
        from troubles in Gen.Choose(3, 8).SelectMany(count => Steps(narrow, Gen.Elements(Act.ChangeFate, Act.ChangeFate, Act.Crash, Act.Crash, Act.Pause)).ArrayOf(count))
        select new History((ulong)seed, narrow,
        [
            .. requests.Select(step => step with { Boundary = 0, A = 0 }),
            .. troubles.Select(step => step.Act == Act.ChangeFate ? step with { A = 0, B = LandsLate[step.B % LandsLate.Length] } : step),
        ]);

    private static readonly Gen<History> Histories = Gen.Frequency((3, Mixed), (1, Late));

    public static readonly Arbitrary<History> Instance = Arb.From(Histories, Smaller);

    /// <summary>The history that a number names, always the same one.</summary>
    public static History Make(ulong number) => Histories.Sample(1, new Rnd(number, 0x9E3779B97F4A7C15), 50)[0];

    private static Shape Narrow(Shape shape) => shape with { Accounts = 1, LongestLatency = 3_000, ClockSkewSeconds = 0 };

    private static Gen<Step> Steps(Shape shape, Gen<Act> acts) =>
        from at in Moment
        from node in Gen.Choose(0, shape.Nodes - 1)
        from boundary in Boundary
        from act in acts
        from a in Gen.Choose(0, 5)
        from b in Gen.Choose(0, 41)
        select new Step(at, node, boundary, act, a, b);

    /// <summary>Fewer steps first, then simpler ones, then a simpler world.</summary>
    private static IEnumerable<History> Smaller(History history)
    {
        for (var size = history.Steps.Count / 2; size >= 1; size /= 2)
        {
            for (var first = 0; first + size <= history.Steps.Count; first += size)
            {
                yield return history with { Steps = [.. history.Steps.Take(first), .. history.Steps.Skip(first + size)] };
            }
        }

        for (var index = 0; index < history.Steps.Count; index++)
        {
            foreach (var step in Smaller(history.Steps[index]))
            {
                yield return history with { Steps = [.. history.Steps.Take(index), step, .. history.Steps.Skip(index + 1)] };
            }
        }

        foreach (var shape in Smaller(history.Shape))
        {
            yield return history with { Shape = shape, Steps = [.. history.Steps.Select(step => step with { Node = Math.Min(step.Node, shape.Nodes - 1) })] };
        }
    }

    private static IEnumerable<Step> Smaller(Step step) =>
    [
        .. Smaller(step.At).Select(at => step with { At = at }),
        .. Smaller(step.Boundary).Select(boundary => step with { Boundary = boundary }),
        .. Smaller(step.Node).Select(node => step with { Node = node }),
        .. Smaller(step.A).Select(a => step with { A = a }),
        .. Smaller(step.B).Select(b => step with { B = b }),
    ];

    private static IEnumerable<Shape> Smaller(Shape shape) => new[]
    {
        shape with { Nodes = Math.Max(shape.Nodes - 1, 1) },
        shape with { Kind = ServerKind.Plain },
        shape with { Accounts = 1 },
        shape with { LongestLatency = 0 },
        shape with { HidesVerifiers = false },
        shape with { IsAdopted = true },
        shape with { ClockSkewSeconds = 0 },
    }.Where(smaller => smaller != shape);

    private static IEnumerable<int> Smaller(int number) => ArbMap.Default.ArbFor<int>().Shrinker(number).Where(smaller => smaller >= 0 && smaller < number);
}
