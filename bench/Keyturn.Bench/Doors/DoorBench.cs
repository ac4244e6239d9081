namespace Keyturn.Bench;

/// <summary>All doors beside a bare answer and the native API: calls that nobody may make, and reads.</summary>
internal static class DoorBench
{
    public const int Callers = 8;

    public static async Task<IReadOnlyList<DoorRow>> RunAsync(HttpClient http, AnswerProcess answer, IReadOnlyList<DoorCall> doors, int rounds, TimeSpan time)
    {
        // Whoever is refused shows no credential, also not the one that the client would add.
        using var nobody = new HttpClient { BaseAddress = http.BaseAddress };
        var calls = doors.SelectMany(door => new[] { (door.Door, Kind: "refused", Call: door.Refused(nobody)), (door.Door, Kind: "read", Call: door.Read(nobody)) }).ToList();
        var floors = new List<Measured>();
        var measured = calls.Select(_ => new List<Measured>()).ToList();

        // One round warms everything up and is thrown away.
        for (var round = -1; round < rounds; round++)
        {
            var bareMeasured = await Load.RunAsync(Callers, time, _ => answer.GetAsync());
            for (var call = 0; call < calls.Count; call++)
            {
                var result = await Load.RunAsync(Callers, time, calls[call].Call);
                if (round >= 0)
                {
                    measured[call].Add(result);
                }
            }

            if (round >= 0)
            {
                floors.Add(bareMeasured);
            }
        }

        return [.. calls.Select((call, i) => new DoorRow(call.Door, call.Kind, floors, measured[call.Kind == "refused" ? 0 : 1], measured[i]))];
    }
}
