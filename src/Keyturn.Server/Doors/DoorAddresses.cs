using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Keyturn.Server.Doors;

/// <summary>Which doors answer where, and under which URL each is reached.</summary>
internal sealed class DoorAddresses(ServerOptions options)
{
    private readonly Dictionary<string, (Door Door, string Url)> _byHost = options.Dialects
        .Where(address => address.HostName is not null)
        .ToDictionary(address => address.HostName!, address => (DoorList.Find(address.Door)!, address.Url), StringComparer.OrdinalIgnoreCase);

    private readonly List<Listener> _listeners = [];

    /// <summary>The address is known when Kestrel has bound it.</summary>
    private sealed record Listener(Door? Door, ListenOptions Options, bool IsTls)
    {
        public string Scheme => IsTls ? "https" : "http";
    }

    /// <summary>Kestrel will listen here for the door alone; for all of them where it is null.</summary>
    public void Add(Door? door, ListenOptions options, bool isTls) => _listeners.Add(new Listener(door, options, isTls));

    /// <summary>The door that a request knocks at. The rule is that of the address it came to, then that of its path.</summary>
    public Door Choose(HttpContext http) => Owner(http) switch
    {
        null => DoorList.All.FirstOrDefault(door => door.IsAskedBy(http.Request)) ?? DoorList.All[0],
        { Companion: { } companion } when companion.IsAskedBy(http.Request) => companion,
        var own => own,
    };

    /// <summary>
    /// Scheme, host and port under which clients reach the door, without a slash at the end: its own name or listener, else where this request
    /// came to; but that may be another door's own address, where this one does not answer: then where all do.
    /// </summary>
    public string BaseUrl(HttpContext http, Door door)
    {
        if (NameOf(http, door) is { } name)
        {
            return name;
        }

        var own = _listeners.Find(listener => listener.Door == door && IsReachable(http, listener));
        var isHere = http.Request.Host.HasValue && (Owner(http) is not { } owner || owner == door || owner.Companion == door);
        return (own ?? (isHere ? null : Shared(http))) is { } listener ? UrlOf(http, listener) : $"{http.Request.Scheme}://{http.Request.Host}";
    }

    /// <summary>One line for each door: where it answers.</summary>
    public IEnumerable<string> Describe() => DoorList.All.Select(door => string.Join(", ", [door.Name.PadRight(13) + door.Paths, .. OwnAddresses(door)]));

    private IEnumerable<string> OwnAddresses(Door door)
    {
        foreach (var url in options.Dialects.Where(address => address.Door == door.Name))
        {
            yield return url.IsListener && _listeners.Find(listener => listener.Door == door) is { } listener ? $"with an address of its own, {listener.Scheme}://{listener.Options.IPEndPoint}" : $"for requests to {url.Url}";
        }
    }

    /// <summary>The door whose own address the request came to; null where all answer.</summary>
    private Door? Owner(HttpContext http) =>
        http.Features.Get<ListenerDoor>()?.Door ?? (_byHost.TryGetValue(http.Request.Host.Host, out var named) ? named.Door : null);

    /// <summary>The door's own name; of several, the one that the client uses.</summary>
    private string? NameOf(HttpContext http, Door door) => _byHost.TryGetValue(http.Request.Host.Host, out var asked) && asked.Door == door
        ? asked.Url
        : _byHost.Values.Where(named => named.Door == door).Select(named => named.Url).FirstOrDefault();

    /// <summary>Where all doors answer, of the scheme that the client speaks if there is one.</summary>
    private Listener? Shared(HttpContext http) =>
        _listeners.Where(listener => listener.Door is null).OrderByDescending(listener => IsReachable(http, listener)).ThenByDescending(listener => listener.Scheme == http.Request.Scheme).FirstOrDefault();

    /// <summary>A client of another machine cannot come to the loopback address.</summary>
    private static bool IsReachable(HttpContext http, Listener listener) => !IPAddress.IsLoopback(listener.Options.IPEndPoint!.Address) || IPAddress.IsLoopback(CameTo(http));

    /// <summary>The server's own IP address that the request came to.</summary>
    private static IPAddress CameTo(HttpContext http) => http.Connection.LocalIpAddress switch
    {
        null => IPAddress.Loopback,
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4(),
        var address => address,
    };

    /// <summary>
    /// By the host that the client asked for, if the listener is at the same IP address: its certificate is for that name. A name that would
    /// lead to another door is of no use.
    /// </summary>
    private string UrlOf(HttpContext http, Listener listener)
    {
        var (at, came, name) = (listener.Options.IPEndPoint!, CameTo(http), http.Request.Host.Host);
        var isAnywhere = at.Address.Equals(IPAddress.Any) || at.Address.Equals(IPAddress.IPv6Any);
        var isNamed = name.Length > 0 && (isAnywhere || at.Address.Equals(came)) && (listener.Door is not null || !_byHost.ContainsKey(name));
        return $"{listener.Scheme}://{new HostString(isNamed ? name : (isAnywhere ? came : at.Address).ToString(), at.Port)}";
    }
}

/// <summary>The door of the listener that a connection came in by; put on the connection when Kestrel accepts it.</summary>
internal sealed record ListenerDoor(Door Door);
