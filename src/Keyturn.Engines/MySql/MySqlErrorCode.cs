namespace Keyturn.Engines.MySql;

/// <summary>Error numbers that Keyturn knows what to make of. From 4000 on MySQL and MariaDB number apart.</summary>
internal static class MySqlErrorCode
{
    public const int TooManyConnections = 1040;
    public const int AccessDeniedForDatabase = 1044;
    public const int AccessDenied = 1045;
    public const int ServerShutdown = 1053;
    public const int NoSuchThread = 1094;
    public const int KillDenied = 1095;
    public const int HostIsBlocked = 1129;
    public const int HostNotAllowed = 1130;
    public const int TableAccessDenied = 1142;
    public const int ColumnAccessDenied = 1143;
    public const int UserLimitReached = 1226;
    public const int TooManyUserConnections = 1203;
    public const int LockWaitTimeout = 1205;
    public const int Deadlock = 1213;
    public const int PrivilegeRequired = 1227;
    public const int ClientTooOld = 1251;
    public const int OptionPreventsStatement = 1290;
    public const int QueryInterrupted = 1317;
    public const int CannotUser = 1396;
    public const int NameTooLong = 1470;
    public const int PluginNotLoaded = 1524;
    public const int AccessDeniedNoPassword = 1698;
    public const int NotValidPassword = 1819;
    public const int MustChangePassword = 1820;
    public const int ReadOnlyMode = 1836;
    public const int MustChangePasswordLogin = 1862;
    public const int ConnectionKilled = 1927;
    public const int StatementTimeout = 1969;
    public const int AccountLocked = 3118;
    public const int SecureTransportRequired = 3159;
    public const int SessionWasKilled = 3169;
    public const int PasswordHistory = 3638;
    public const int BlockedByPasswordLock = 3955;
    public const int ClientInteractionTimeout = 4031;
    public const int MariaDbBlockedByPasswordErrors = 4150;
    public const int MariaDbAccountLocked = 4151;
}
