using Keyturn.Server.Dialects.HuaweiIam;

namespace Keyturn.Server.Dialects.Dds;

/// <summary>One line of DDS's table of errors.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Their code. Terraform repeats <see cref="Busy"/>'s every ten seconds for as long as it lives.</param>
/// <param name="Text">Their sentence; the Chinese ones are ours where none was found.</param>
internal sealed record DdsError(int Status, string Code, HuaweiText Text)
{
    public static readonly DdsError Parameter = new(400, "DBS.280001", new("Parameter error.", "参数错误"));
    public static readonly DdsError InstanceId = new(400, "DBS.280404", new("Invalid DB instance ID.", "实例ID不合法"));
    public static readonly DdsError Limit = new(400, "DBS.280439", new("Invalid limit.", "limit不合法"));
    public static readonly DdsError Offset = new(400, "DBS.280440", new("Invalid offset.", "offset不合法"));
    public static readonly DdsError UserName = new(400, "DBS.280292", new("Invalid database username.", "数据库用户名不合法"));
    public static readonly DdsError NotTheirs = new(400, "DBS.200029", new("Invalid username and password.", "非法的用户名密码"));
    public static readonly DdsError Password = new(400, "DBS.200052", new("Invalid password.", "非法密码"));
    public static readonly DdsError PasswordCharacters = new(400, "DBS.280200", new("The password contains invalid characters.", "密码包含非法字符"));
    public static readonly DdsError WeakPassword = new(400, "DBS.200068", new("Weak password.", "弱密码"));
    public static readonly DdsError AccountMissing = new(400, "DBS.200824", new("The database account does not exist.", "数据库账号不存在"));
    public static readonly DdsError AccountExists = new(400, "DBS.200827", new("The database account already exists.", "数据库账号已存在"));
    public static readonly DdsError BuiltIn = new(400, "DBS.200828", new("Built-in database accounts cannot be edited.", "内置数据库账号不允许编辑"));
    public static readonly DdsError NotReset = new(400, "DBS.200077", new("Failed to change the password.", "修改密码失败"));
    public static readonly DdsError NotCreated = new(400, "DBS.200816", new("Failed to create the database account.", "创建数据库账号失败"));
    public static readonly DdsError NotListed = new(400, "DBS.200817", new("Failed to query the database accounts.", "查询数据库账号失败"));
    public static readonly DdsError NotDeleted = new(400, "DBS.200818", new("Failed to delete the database account.", "删除数据库账号失败"));
    public static readonly DdsError InvalidToken = new(401, "DBS.280056", new("Invalid token.", "Token不合法"));

    public static readonly DdsError Frozen = new(403, "DBS.200018", new(
        "This instance's status or its node's status makes it not be allowed to do this operation now.", "实例不可用"));

    /// <summary>{0} is the status, {1} the operation.</summary>
    public static readonly DdsError StatusForbids = new(403, "DBS.200011", new(
        "This instance {0} status makes it not be allowed to do this {1} operation now.", "实例状态不允许"));

    public static readonly DdsError Busy = new(403, "DBS.200019", new(
        "Another operation is being performed on the DB instance or the DB instance is faulty.", "实例状态不允许"));

    public static readonly DdsError OtherProject = new(403, "DBS.200604", new("The instance is not owned by the current user.", "实例不属于当前用户"));

    /// <summary>{0} is the action.</summary>
    public static readonly DdsError Forbidden = new(403, "DBS.280063", new(
        "You do not have following permission to perform this operation: {0}. Contact the administrator to obtain permission.",
        "您没有执行该操作的权限：{0}，请联系管理员获取权限"));

    public static readonly DdsError InstanceMissing = new(404, "DBS.200002", new("The DB instance does not exist.", "实例不存在或已被删除"));
    public static readonly DdsError TooMany = new(429, "DBS.280443", new("The maximum number of connections has been reached.", "请求过于频繁"));
    public static readonly DdsError Server = new(500, "DBS.280005", new("Server error. Try again later.", "服务器错误，请稍后重试"));
}
