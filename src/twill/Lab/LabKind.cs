namespace Twill.Lab;

internal enum LabKind
{
    Router,
    Internet,
    Node,
    Pod,
}
