using Keyturn.Server.Dialects.HuaweiIam;

namespace Keyturn.Server.Dialects.GaussDb;

/// <summary>
/// One row of GaussDB's error table. Codes are a service's own: DDS and DDM have some of the same with other statuses. The Chinese sentences are
/// Huawei's where its tables have them, else translated here.
/// </summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Code">Always a string: Terraform's provider panics on anything else.</param>
/// <param name="Text">The sentence.</param>
internal sealed record GaussDbFault(int Status, string Code, HuaweiText Text)
{
    public static readonly GaussDbFault EmptyRequest = new(400, "DBS.200006", new("The request is null. Enter a request parameter.", "请求为空,请输入请求参数。"));

    public static readonly GaussDbFault Parameter = new(400, "DBS.280001", new("Parameter error.", "参数错误。"));

    public static readonly GaussDbFault LetterCase = new(400, "DBS.290001", new("Invalid parameter letter case.", "参数大小写错误。"));

    public static readonly GaussDbFault InstanceId = new(400, "DBS.280404", new("Invalid DB instance ID or node ID format.", "实例ID或节点ID格式错误。"));

    public static readonly GaussDbFault InstanceMissing = new(404, "DBS.200002", new("The DB instance does not exist.", "实例不存在。"));

    public static readonly GaussDbFault OtherProject =
        new(403, "DBS.200604", new("The DB instance ID or user ID may be null, or the operation is not authorized.", "实例ID和用户ID可能为空,或者操作越权。"));

    public static readonly GaussDbFault Forbidden = new(403, "DBS.280015", new("Resource not found or permission denied.", "访问资源不存在,或者无访问权限。"));

    public static readonly GaussDbFault AccountMissing = new(400, "DBS.200824", new("The database account does not exist.", "数据库帐号不存在。"));

    public static readonly GaussDbFault AccountExists = new(409, "DBS.200827", new("The database user already exists.", "数据库用户已存在。"));

    public static readonly GaussDbFault BuiltInAccount =
        new(409, "DBS.200828", new("You are not allowed to create a database built-in account.", "不允许创建数据库内置帐号。"));

    public static readonly GaussDbFault Password = new(400, "DBS.280246", new("Invalid database root password.", "数据库root密码非法。"));

    public static readonly GaussDbFault WeakPassword =
        new(400, "DBS.280203", new("This is a weak password. Please enter a strong password.", "该密码为弱密码,请输入强密码。"));

    public static readonly GaussDbFault PasswordIsName = new(400, "DBS.05000006", new("The username and password must be different.", "用户名和密码不能相同。"));

    public static readonly GaussDbFault PasswordIsNameReversed =
        new(400, "DBS.05000007", new("The password cannot be the username spelled backwards.", "密码不能是用户名的倒序。"));

    public static readonly GaussDbFault Frozen = new(400, "DBS.280449", new("Operation not allowed on frozen objects.", "冻结的对象不允许执行该操作。"));

    /// <summary>Not DBS.201014, which says the same: Terraform repeats that one.</summary>
    public static readonly GaussDbFault InstanceStatus =
        new(400, "DBS.200086", new("This operation is not allowed by the DB instance status.", "实例状态不允许做该操作。"));

    public static readonly GaussDbFault StorageFull =
        new(409, "DBS.200316", new("This operation cannot be performed because the DB instance status is Storage full.", "实例存储空间满,不允许执行该操作。"));

    /// <summary>For what passes by itself: Terraform waits for the instance and repeats the request, for up to its timeout.</summary>
    public static readonly GaussDbFault Busy = new(409, "DBS.200019", new(
        "Another operation is being performed on the DB instance or the DB instance is faulty.", "该实例正在进行其他操作或该实例故障,无法执行该操作,请稍后重试。"));

    /// <summary>For what does not pass: nobody repeats it.</summary>
    public static readonly GaussDbFault NotAllowed =
        new(409, "DBS.280406", new("Operation not allowed by the DB instance type or status.", "实例类型或状态不允许执行该操作。"));

    /// <summary>Before anything was written or sent, so that a repeat is safe.</summary>
    public static readonly GaussDbFault NotProcessed = new(500, "DBS.213002", new("Failed to process the request.", "处理请求失败。"));

    public static readonly GaussDbFault Server = new(500, "DBS.200005", new("Server failure.", "服务器错误。"));
}
