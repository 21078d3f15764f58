namespace Twill.Lab.Lesson;

/// <summary>One thing to do in an --empty lab.</summary>
/// <param name="Title">As the lecture would say that it is done: "node1 has a bridge that is up".</param>
/// <param name="Hint">What is missing, and the kind of command that makes it.</param>
internal sealed record WorkTask(string Title, bool Done, string Hint);
