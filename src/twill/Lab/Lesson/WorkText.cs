using System.Text;
using System.Text.Json;

namespace Twill.Lab.Lesson;

/// <summary>The judgement, for people and for programs.</summary>
internal static class WorkText
{
    internal const string Schema = "twill.dev/lab-work/v1";

    /// <summary>Done tasks counted, missing ones told.</summary>
    internal static string Draw(IReadOnlyList<WorkTask> tasks)
    {
        var text = new StringBuilder();
        int done = tasks.Count(t => t.Done);
        foreach (WorkTask task in tasks.Where(t => !t.Done)) text.Append(" missing: ").Append(task.Hint).Append('\n');
        text.Append($" {done} of {tasks.Count} done");
        return text.Append(done == tasks.Count ? "\n" : $", {tasks.Count - done} left\n").ToString();
    }

    internal static string Json(IReadOnlyList<WorkTask> tasks)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteNumber("done", tasks.Count(t => t.Done));
            json.WriteNumber("total", tasks.Count);
            json.WriteStartArray("tasks");
            foreach (WorkTask task in tasks)
            {
                json.WriteStartObject();
                json.WriteString("title", task.Title);
                json.WriteBoolean("done", task.Done);
                if (!task.Done) json.WriteString("hint", task.Hint);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }
}
