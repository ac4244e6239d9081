using Keyturn.Server.Api;
using Keyturn.Server.Dialects.DigitalOcean;
using Keyturn.Server.Dialects.GaussDb;
using Keyturn.Server.Dialects.HuaweiIam;
using Keyturn.Server.Dialects.Upstash;

namespace Keyturn.Server.Doors;

/// <summary>All doors. Where several answer at one address, the first that a request asks for gets it.</summary>
internal static class DoorList
{
    public static readonly IReadOnlyList<Door> All = [ApiRoutes.Door, DigitalOceanDialect.Door, UpstashDialect.Door, HuaweiIamDialect.Door, GaussDbDialect.Door];

    /// <summary>The doors that can be given an address of their own.</summary>
    public static IEnumerable<Door> Dialects => All.Where(door => door != ApiRoutes.Door);

    public static Door? Find(string name) => All.FirstOrDefault(door => door.Name == name);
}
