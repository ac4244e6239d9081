namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>Why a request's credentials were refused, in the gateway's words; the door's error writer finds it among the request's features.</summary>
/// <param name="Code">The gateway's code.</param>
/// <param name="Message">The gateway's sentence; holds no secret.</param>
internal sealed record HuaweiRefusal(string Code, string Message)
{
    /// <summary>Nothing that tells who calls.</summary>
    public static readonly HuaweiRefusal NoCredentials = Incorrect("Unauthorized");

    /// <summary>A token that is none of ours, or was revoked.</summary>
    public static readonly HuaweiRefusal UnknownToken = Incorrect("decrypt token fail");

    /// <summary>A token whose time is over. Clients sign in again on a 401.</summary>
    public static readonly HuaweiRefusal ExpiredToken = new("APIGW.0307", "The token must be updated.");

    /// <summary>Who puts the SK where the AK belongs is not told it: an AK is of capitals and digits, an SK is not.</summary>
    public static HuaweiRefusal UnknownAccessKey(string accessKey) => Incorrect(accessKey.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c)) ? $"ak {accessKey} not exist" : "ak not exist");

    public static HuaweiRefusal Incorrect(string detail) => new("APIGW.0301", $"Incorrect IAM authentication information: {detail}");
}
