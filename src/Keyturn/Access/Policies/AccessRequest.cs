using System.Globalization;

namespace Keyturn.Access.Policies;

/// <summary>What policies decide about: who wants to do what, with what, from where and when.</summary>
/// <param name="Action">What.</param>
/// <param name="Resource">With what.</param>
/// <param name="Principal">Who.</param>
/// <param name="Project">In which project.</param>
/// <param name="Source">Address of the client, or <c>local</c>.</param>
/// <param name="Time">When.</param>
public sealed record AccessRequest(RequestedAction Action, AccessResource Resource, Principal Principal, Project Project, string Source, DateTimeOffset Time)
{
    /// <summary>The value that conditions compare; null where the request has none.</summary>
    public string? ValueOf(string key) => key switch
    {
        ConditionKeys.CurrentTime => Time.ToString("O", CultureInfo.InvariantCulture),
        ConditionKeys.SourceIp => Source,
        ConditionKeys.UserId => Principal.Id.ToString("N"),
        ConditionKeys.UserName => Principal.Name,
        ConditionKeys.DomainId => Project.Id.ToString("N"),
        ConditionKeys.DomainName => Project.Name,
        ConditionKeys.ProjectName => Resource.Region,
        ConditionKeys.ServiceName => Action.Service,
        ConditionKeys.EnterpriseProjectId => Resource.EnterpriseProject,
        // A sign-in with a second factor does not exist here.
        ConditionKeys.MfaPresent => "false",
        _ => key.StartsWith(ConditionKeys.ResourceTag, StringComparison.Ordinal) ? Resource.Tags.GetValueOrDefault(key[ConditionKeys.ResourceTag.Length..]) : null,
    };
}

/// <summary>Keys of conditions: Huawei's global ones, as far as a request here has such a value.</summary>
public static class ConditionKeys
{
    /// <summary>When, in UTC.</summary>
    public const string CurrentTime = "g:CurrentTime";

    /// <summary>The client's IP address.</summary>
    public const string SourceIp = "g:SourceIp";

    /// <summary>The principal's id, 32 hexadecimal digits.</summary>
    public const string UserId = "g:UserId";

    /// <summary>The principal's name.</summary>
    public const string UserName = "g:UserName";

    /// <summary>The project's id, 32 hexadecimal digits: an account is a domain to Huawei.</summary>
    public const string DomainId = "g:DomainId";

    /// <summary>The project's name.</summary>
    public const string DomainName = "g:DomainName";

    /// <summary>The region's name, which Huawei's projects are called by.</summary>
    public const string ProjectName = "g:ProjectName";

    /// <summary>The service of the action: <c>ddm</c>, <c>keyturn</c>, …</summary>
    public const string ServiceName = "g:ServiceName";

    /// <summary>The instance's enterprise project; <c>0</c> for the default one.</summary>
    public const string EnterpriseProjectId = "g:EnterpriseProjectId";

    /// <summary>Whether a second factor was shown: never.</summary>
    public const string MfaPresent = "g:MFAPresent";

    /// <summary>With a tag's key behind it: the value of that tag of the instance.</summary>
    public const string ResourceTag = "g:ResourceTag/";

    /// <summary>How long ago a second factor was shown: no request has it.</summary>
    public const string MfaAge = "g:MFAAge";

    /// <summary>With a tag's key behind it: the value that a request gives that tag. No request has it.</summary>
    public const string RequestTag = "g:RequestTag/";

    /// <summary>Keys of the tags that a request gives: no request has them.</summary>
    public const string TagKeys = "g:TagKeys";

    /// <summary>All keys but those of tags, and those that no request has.</summary>
    public static readonly IReadOnlyList<string> Names =
        [CurrentTime, SourceIp, UserId, UserName, DomainId, DomainName, ProjectName, ServiceName, EnterpriseProjectId, MfaPresent];

    /// <summary>Whether its value is the instance's, and not the caller's or the request's.</summary>
    public static bool IsOfInstance(string key) => key is ProjectName or EnterpriseProjectId || key.StartsWith(ResourceTag, StringComparison.Ordinal);

    /// <summary>Whether a condition may ask for it. Another key, which no request has, would make a condition that never holds, or always.</summary>
    public static bool IsOne(string key) => Names.Contains(key) || IsWithin(ResourceTag, key) || IsWithoutValue(key);

    /// <summary>Whether it is one of the providers' that no request here has a value for: it is accepted, so that their documents can be read.</summary>
    public static bool IsWithoutValue(string key) => key is MfaAge or TagKeys || IsWithin(RequestTag, key);

    private static bool IsWithin(string family, string key) => key.StartsWith(family, StringComparison.Ordinal) && key.Length > family.Length;
}
