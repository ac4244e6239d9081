using Keyturn.Server.Dialects.HuaweiIam;

namespace Keyturn.Server.Dialects.Ddm;

/// <summary>
/// One row of DDM's error table; what it has no code for (states, weak passwords) has the sister services' code. The Chinese sentences are Huawei's
/// where its tables have them, else translated here.
/// </summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Code">The code.</param>
/// <param name="Text">The sentence.</param>
internal sealed record DdmFault(int Status, string Code, HuaweiText Text)
{
    public static readonly DdmFault Parameter = new(400, "DBS.280001", new("Parameter error.", "参数错误。"));

    public static readonly DdmFault ContentType = Parameter with { Status = 415 };

    public static readonly DdmFault InstanceMissing = new(404, "DBS.200002", new("The DB instance does not exist.", "实例不存在。"));

    public static readonly DdmFault Forbidden = new(403, "DBS.280015", new("Resource not found or permission denied.", "访问资源不存在,或者无访问权限。"));

    public static readonly DdmFault Duplicates = new(400, "DBS.300107", new("The accounts are duplicated.", "账号重复。"));

    public static readonly DdmFault AccountName = new(400, "DBS.300305", new("Invalid DDM account name.", "DDM账号名称不合法。"));

    public static readonly DdmFault Password = new(400, "DBS.300306", new("The account password is invalid.", "账号密码不合法。"));

    public static readonly DdmFault WeakPassword = new(400, "DBS.280203", new("This is a weak password. Please enter a strong password.", "该密码为弱密码,请输入强密码。"));

    public static readonly DdmFault Description = new(400, "DBS.300307", new("The account description is invalid.", "账号描述不合法。"));

    public static readonly DdmFault Authority = new(400, "DBS.300309", new("The account basic permissions are invalid.", "账号基础权限不合法。"));

    public static readonly DdmFault ExtendedAuthority = new(400, "DBS.300310", new("The account extended permissions are invalid.", "账号扩展权限不合法。"));

    public static readonly DdmFault AccountExists = new(400, "DBS.300311", new("The account already exists.", "账号已存在。"));

    public static readonly DdmFault AccountMissing = new(400, "DBS.300327", new("The account does not exist.", "账号不存在。"));

    public static readonly DdmFault NotCreated = new(400, "DBS.300300", new("Failed to create the account.", "创建账号失败。"));

    public static readonly DdmFault NotDeleted = new(400, "DBS.300302", new("Failed to delete the account.", "删除账号失败。"));

    public static readonly DdmFault NotQueried = new(400, "DBS.300312", new("Failed to query the account.", "查询账号失败。"));

    public static readonly DdmFault NotReset = new(400, "DBS.300328", new("Failed to reset the password.", "重置密码失败。"));

    /// <summary>For what passes by itself: Terraform waits for the instance and repeats the request, for up to its timeout.</summary>
    public static readonly DdmFault Busy = new(409, "DBS.200019", new(
        "Another operation is being performed on the DB instance or the DB instance is faulty.", "该实例正在进行其他操作或该实例故障,无法执行该操作,请稍后重试。"));

    public static readonly DdmFault Frozen = new(400, "DBS.280449", new("Operation not allowed on frozen objects.", "冻结的对象不允许执行该操作。"));

    public static readonly DdmFault InstanceStatus = new(400, "DBS.200086", new("This operation is not allowed by the DB instance status.", "实例状态不允许做该操作。"));

    /// <summary>Only while nothing has been written or sent, so that a repeat is safe.</summary>
    public static readonly DdmFault Server = new(500, "DBS.200412", new("Server failure.", "服务器错误。"));
}
